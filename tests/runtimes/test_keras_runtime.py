"""Models that people bring: what works, and what is refused with which words."""

import hashlib
import logging
import signal
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow
from keras import layers

from batch_predict.errors import ModelError, OutputError, Stopped
from batch_predict.runtimes import Classifier, keras_runtime
from batch_predict.runtimes.model_file import ModelFile, find_model
from batch_predict.runtimes.scale import UNIT

BATCH = 4


def load(path: str, batch_size: int) -> Classifier:
    """The model at `path`, whatever its suffix says, on the scale 0 to 1."""
    content = Path(path).read_bytes()
    model = ModelFile(path, hashlib.sha256(content).hexdigest(), None, None, UNIT)
    return keras_runtime.load_classifier(model, batch_size)


def network(*last: layers.Layer, shape: tuple[int, ...] = (28, 28, 1)) -> keras.Model:
    return keras.Sequential([keras.Input(shape), layers.Flatten(), *last])


def nested() -> keras.Model:
    return keras.Sequential([keras.Input((28, 28, 1)), network(layers.Dense(10, "softmax"))])


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: network(layers.Dense(10, "softmax")), id="softmax"),
        pytest.param(lambda: network(layers.Dense(10)), id="logits"),
        pytest.param(lambda: network(layers.Dense(10), layers.Softmax()), id="softmax layer"),
        pytest.param(
            lambda: network(layers.Dense(10), layers.Activation("softmax")), id="activation layer"
        ),
        pytest.param(nested, id="a model in a model"),
    ],
)
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file:UserWarning")
def test_a_users_model_works(tmp_path: Path, make: Callable[[], keras.Model], suffix: str) -> None:
    model = make()
    path = str(tmp_path / f"model{suffix}")
    model.save(path)
    pixels = np.random.default_rng(0).random((BATCH, 28, 28, 1), np.float32)
    out = load(path, BATCH)(pixels)
    wanted = model.predict_on_batch(pixels)
    if not np.allclose(wanted.sum(axis=1), 1):
        wanted = np.asarray(keras.ops.softmax(wanted))
    np.testing.assert_allclose(out, wanted, atol=1e-6)


class Custom(layers.Layer):
    def call(self, x: object) -> object:
        return x


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda: network(layers.Dense(10, "sigmoid")), "ends in sigmoid", id="sigmoid"),
        pytest.param(lambda: network(layers.Dense(11, "softmax")), r"to \(None, 11\)", id="eleven"),
        pytest.param(
            lambda: network(layers.Dense(10, "softmax"), shape=(32, 32, 3)),
            r"\(None, 32, 32, 3\)",
            id="colour",
        ),
        pytest.param(
            lambda: network(layers.Lambda(lambda x: x), layers.Dense(10, "softmax")),
            "Lambda layer or other code, which is not run",
            id="lambda",
        ),
        pytest.param(
            lambda: network(Custom(), layers.Dense(10, "softmax")),
            "needs custom code, which is not run",
            id="custom layer",
        ),
    ],
)
def test_a_model_that_does_not_fit_is_refused(
    tmp_path: Path, make: Callable[[], keras.Model], message: str
) -> None:
    path = str(tmp_path / "model.keras")
    make().save(path)
    with pytest.raises(ModelError, match=message):
        load(path, BATCH)


@pytest.mark.parametrize(
    ("raised", "through"),
    [
        pytest.param(tensorflow.errors.UnimplementedError(None, None, "a cast"), False, id="TF's"),
        pytest.param(zipfile.BadZipFile("its CRC"), False, id="zipfile's"),
        pytest.param(RecursionError("too deep"), False, id="nested too deep"),
        pytest.param(ModuleNotFoundError("No module named 'torch'"), False, id="another backend's"),
        pytest.param(MemoryError("1 TiB"), False, id="too large"),
        pytest.param(NameError("a bug of ours"), True, id="a bug"),
        pytest.param(Stopped(signal.SIGTERM), True, id="a signal"),
    ],
)
@pytest.mark.parametrize(
    "where", ["keras.saving.load_model", "batch_predict.runtimes.keras_runtime._run"]
)
def test_what_the_libraries_raise_is_the_models_fault_and_nothing_else(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    raised: BaseException,
    through: bool,
) -> None:
    path = str(tmp_path / "model.keras")
    network(layers.Dense(10, "softmax")).save(path)

    def failing(*arguments: object, **keywords: object) -> object:
        raise raised

    monkeypatch.setattr(where, (lambda model: failing) if where.endswith("_run") else failing)
    with pytest.raises(type(raised) if through else ModelError):
        load(path, BATCH)


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("content", ["text", "empty", "foreign zip", "cut short"])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: str, suffix: str) -> None:
    path = tmp_path / f"model{suffix}"
    if content == "foreign zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.txt", "b")
    elif content == "cut short":
        network(layers.Dense(10, "softmax")).save(tmp_path / "whole.keras")
        path.write_bytes((tmp_path / "whole.keras").read_bytes()[:5000])
    else:
        path.write_text("hello" if content == "text" else "")
    with pytest.raises(ModelError, match="not a readable Keras model"):
        load(str(path), BATCH)


def test_where_no_temporary_file_can_be_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.keras"
    network(layers.Dense(10, "softmax")).save(path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(OutputError, match=r"copy of the model: No such file .*; set TMPDIR to a"):
        load(str(path), BATCH)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param(MemoryError(), "a smaller --batch-size", id="NumPy's"),
        pytest.param(
            type("ResourceExhaustedError", (RuntimeError,), {})("OOM when allocating tensor"),
            "on 7 pictures at a time: a smaller --batch-size",
            id="TensorFlow's",
        ),
        pytest.param(RuntimeError("another"), "can't run the model .*: another", id="another"),
    ],
)
def test_where_there_is_no_memory_for_a_batch_a_smaller_one_is_advised(
    error: Exception, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(values: object) -> None:
        raise error

    monkeypatch.setattr(keras_runtime, "_fitted", lambda keras, model: (None, None))
    monkeypatch.setattr(keras_runtime, "_run", lambda network: run)
    with pytest.raises(ModelError, match=words):
        keras_runtime.load_network(find_model("digits"), 7)


def test_many_graphs_are_no_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """As of a run whose report marks pictures of two sizes again."""
    path = str(tmp_path / "model.keras")
    network(layers.Dense(10, "softmax")).save(path)
    logger = logging.getLogger("tensorflow")
    logger.addHandler(caplog.handler)
    try:
        for _ in range(8):
            load(path, BATCH)
    finally:
        logger.removeHandler(caplog.handler)
    assert caplog.messages == []
