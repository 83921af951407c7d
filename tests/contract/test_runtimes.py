"""Every runtime: the probabilities of `model.predict`, wherever a picture stands in a batch."""

import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from batch_predict.errors import UsageError
from batch_predict.runtimes import RUNTIMES, Runtime, find_runtime
from batch_predict.runtimes.model_file import find_model
from train.export_onnx import export

BATCH = 72  # no multiple of what a runtime may take at a time
TOLERANCE = 1e-4  # of a probability, between runtimes


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A copy of the shipped model, exported."""
    path = tmp_path_factory.mktemp("model") / "digits.keras"
    shutil.copy(find_model("digits").path, path)
    export(str(path))
    return str(path)


@pytest.fixture(scope="module", params=list(RUNTIMES))
def runtime(request: pytest.FixtureRequest, model: str) -> Runtime:
    return find_runtime(request.param)(find_model(model), BATCH)


def pictures() -> NDArray[np.float32]:
    return np.random.default_rng(1).random((BATCH, 28, 28, 1), np.float32)


def test_outputs_are_probabilities(runtime: Runtime) -> None:
    out = runtime(pictures())
    assert out.shape == (BATCH, 10)
    assert out.dtype == np.float32
    assert (out >= 0).all()
    np.testing.assert_allclose(out.sum(axis=1), 1, atol=1e-5)


def test_outputs_are_those_of_predict(runtime: Runtime, model: str) -> None:
    wanted = keras.saving.load_model(model, compile=False).predict(pictures(), verbose=0)
    np.testing.assert_allclose(runtime(pictures()), wanted, atol=TOLERANCE)


@pytest.mark.data
def test_mnist_gets_the_labels_of_predict(runtime: Runtime, model: str, digits_data: Path) -> None:
    with np.load(digits_data / "mnist.npz") as mnist:
        pixels = mnist["x_test"][..., None].astype(np.float32) / 255
    wanted = keras.saving.load_model(model, compile=False).predict(pixels, verbose=0)
    count = len(pixels)
    pixels = np.concatenate([pixels, np.zeros((-count % BATCH, 28, 28, 1), np.float32)])
    batches = [runtime(batch) for batch in np.split(pixels, len(pixels) // BATCH)]
    out = np.concatenate(batches)[:count]
    np.testing.assert_allclose(out, wanted, atol=TOLERANCE)
    differ = out.argmax(axis=1) != wanted.argmax(axis=1)
    best, second = np.sort(wanted[differ], axis=1)[:, :-3:-1].T
    assert (best - second <= 2 * TOLERANCE).all()


def test_an_answer_does_not_depend_on_its_place(runtime: Runtime) -> None:
    order = np.random.default_rng(2).permutation(BATCH)
    np.testing.assert_array_equal(runtime(pictures()[order]), runtime(pictures())[order])


def test_an_answer_does_not_depend_on_its_neighbours(runtime: Runtime) -> None:
    alone = np.zeros((BATCH, 28, 28, 1), np.float32)
    alone[0] = pictures()[0]
    np.testing.assert_array_equal(runtime(alone)[0], runtime(pictures())[0])


def test_an_unknown_runtime_lists_the_known() -> None:
    with pytest.raises(UsageError, match="unknown runtime 'abacus': known are keras"):
        find_runtime("abacus")
