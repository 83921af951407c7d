"""The `.onnx` file beside a model: there, whole, and made from it."""

import glob
import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from batch_predict.errors import ModelError
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.exported import SOURCE_KEY, find_exported
from batch_predict.runtimes.model_file import SHIPPED, find_model
from batch_predict.runtimes.scale import Scale
from tests.support import own_models
from train.cli import main

RUNTIMES = ["onnx", "openvino"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model and its `.onnx` file."""
    path = tmp_path_factory.mktemp("models")
    shutil.copy(find_model("article-code").path, path / "my.keras")
    assert main(["export", str(path / "my.keras")]) == 0
    return path


def test_it_is_found(folder: Path) -> None:
    assert find_exported(find_model(str(folder / "my.keras"))).path == str(folder / "my.onnx")


def test_the_shipped_ones_belong_to_their_models() -> None:
    for path in glob.glob(os.path.join(SHIPPED, "*.onnx")):
        assert find_exported(find_model(f"{os.path.splitext(path)[0]}.keras")).path == path
    assert os.path.exists(os.path.join(SHIPPED, "digits.onnx"))


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    ("layout", "end", "scale"),
    [
        pytest.param((784,), "named", "rescaled", id="named, rescaled"),
        pytest.param((28, 28), "logits", "integer", id="integer", marks=pytest.mark.slow),
        pytest.param((1, 28, 28), "softmax", "-0.5 to 0.5", id="centred", marks=pytest.mark.slow),
    ],
)
def test_it_has_the_scale_of_its_model(
    tmp_path: Path, runtime: str, layout: tuple[int, ...], end: str, scale: str
) -> None:
    path = own_models.save(own_models.make("functional", layout, end, scale), tmp_path / "my.keras")
    assert main(["export", str(path)]) == 0
    exported = find_runtime(runtime).load_classifier(find_model(str(path)), 50)
    assert exported.scale == own_models.SCALES[scale][:2]
    pixels, _ = own_models.digits()
    np.testing.assert_allclose(exported(pixels), own_models.expected(pixels), atol=1e-4)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_one_that_says_no_scale_is_shown_digits(tmp_path: Path, runtime: str) -> None:
    """As those that 1.0.0 exported."""
    made = own_models.make("sequential", (28, 28, 1), "softmax", "bytes")
    path = own_models.save(made, tmp_path / "my.keras")
    assert main(["export", str(path)]) == 0
    proto = onnx.load(tmp_path / "my.onnx")
    onnx.helper.set_model_props(proto, {SOURCE_KEY: find_model(str(path)).sha256})
    onnx.save(proto, tmp_path / "my.onnx")
    model = find_model(str(path))
    load = find_runtime(runtime).load_classifier
    assert load(model, 50).scale == (0, 255)
    on_card = replace(model, scale=Scale(0, 1))
    assert load(on_card, 50).scale == (0, 1)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_there_is_none(folder: Path, runtime: str) -> None:
    other = shutil.copy(folder / "my.keras", folder / "other.keras")
    with pytest.raises(ModelError, match=r"No such file.*python -m train export .*other\.keras"):
        find_runtime(runtime).load_classifier(find_model(str(other)), 8)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_it_was_made_from_another_model(folder: Path, runtime: str) -> None:
    shutil.copy(find_model("article-summary").path, folder / "new.keras")
    shutil.copy(folder / "my.onnx", folder / "new.onnx")
    with pytest.raises(ModelError, match=r"new\.onnx was not made from .*new\.keras"):
        find_runtime(runtime).load_classifier(find_model(str(folder / "new.keras")), 8)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_it_is_damaged(folder: Path, runtime: str) -> None:
    shutil.copy(folder / "my.keras", folder / "bad.keras")
    whole = (folder / "my.onnx").read_bytes()
    begin = bytearray(whole)
    begin[:100] = b"\xff" * 100
    one_bit = bytearray(whole)
    one_bit[len(whole) // 2] ^= 1  # of a weight
    for content in (begin, one_bit):
        (folder / "bad.onnx").write_bytes(content)
        with pytest.raises(ModelError, match=r"bad\.onnx is damaged; make it anew with"):
            find_runtime(runtime).load_classifier(find_model(str(folder / "bad.keras")), 8)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_one_of_1_0_is_damaged(folder: Path, runtime: str) -> None:
    """It has no hash of itself; what is no model is noticed all the same."""
    shutil.copy(folder / "my.keras", folder / "bad.keras")
    proto = onnx.load(folder / "my.onnx")
    props = {each.key: each.value for each in proto.metadata_props}
    assert len(props.pop("sha256")) == 64  # it is an entry as ONNX has it
    onnx.helper.set_model_props(proto, props)
    whole = proto.SerializeToString()
    (folder / "bad.onnx").write_bytes(whole)
    assert find_runtime(runtime).load_classifier(find_model(str(folder / "bad.keras")), 8)
    (folder / "bad.onnx").write_bytes(b"\xff" * 100 + whole[len(whole) // 2 :])
    with pytest.raises(ModelError, match="not a readable ONNX model"):
        find_runtime(runtime).load_classifier(find_model(str(folder / "bad.keras")), 8)


def test_what_is_no_model_is_not_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(tmp_path / "none.keras")]) == 7
    assert "No such file" in capsys.readouterr().err
    assert not os.listdir(tmp_path)


FORMS = {
    "colour": ([("pixels", (None, 28, 28, 3))], [("digit", (None, 28, 28, 3))]),
    "another size": ([("pixels", (None, 32, 32, 1))], [("digit", (None, 32, 32, 1))]),
    "pictures out": ([("pixels", (None, 28, 28, 1))], [("digit", (None, 28, 28, 1))]),
    "two outputs": ([("pixels", (None, 28, 28, 1))], [("digit", (None, 28, 28, 1))] * 2),
    "two inputs": ([("pixels", (None, 28, 28, 1)), ("more", (None, 1))], [("digit", None)]),
    "doubles": ([("pixels", (None, 28, 28, 1))], [("digit", (None, 28, 28, 1))]),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_network_of_another_form_is_said_in_words(runtime, form, tmp_path):
    """Its file is said to be made from the model, as a script of one's own may do."""
    inputs, outputs = FORMS[form]
    kind = TensorProto.DOUBLE if form == "doubles" else TensorProto.FLOAT
    names = [f"{name}{place}" for place, (name, _) in enumerate(outputs)]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["pixels"], [name]) for name in names],
        "graph",
        [helper.make_tensor_value_info(name, kind, shape) for name, shape in inputs],
        [helper.make_tensor_value_info(names[i], kind, outputs[i][1]) for i in range(len(names))],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    model = tmp_path / "my.keras"
    model.write_bytes(b"PK\x03\x04")
    helper.set_model_props(made, {SOURCE_KEY: hashlib.sha256(b"PK\x03\x04").hexdigest()})
    onnx.save(made, tmp_path / "my.onnx")
    with pytest.raises(ModelError, match=r"my\.onnx"):
        find_runtime(runtime).load_classifier(find_model(str(model)), 4)
