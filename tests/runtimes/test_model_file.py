import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from batch_predict.errors import ModelError
from batch_predict.runtimes.model_file import card_path, find_alone, find_model

ZIP = b"PK\x03\x04 and so on"
HDF5 = b"\x89HDF\r\n\x1a\n and so on"
SHA256 = hashlib.sha256(ZIP).hexdigest()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "my.keras"
    path.write_bytes(ZIP)
    return path


def test_a_shipped_name() -> None:
    found = find_model("article-code")
    assert found.path.endswith("models/article-code.keras")
    assert found.card is not None
    assert found.card["parameters"] == 257_162


def test_a_path_without_a_card_has_no_threshold(model: Path) -> None:
    found = find_model(str(model))
    assert (found.path, found.sha256, found.card) == (str(model), SHA256, None)
    assert found.review_below is None


def test_a_card_gives_the_threshold(model: Path) -> None:
    model.with_suffix(".json").write_text(json.dumps({"sha256": SHA256, "review_below": 0.7}))
    assert find_model(str(model)).review_below == 0.7
    assert find_model(str(model), review_below=0.9).review_below == 0.9


@pytest.mark.parametrize(
    ("card", "message"),
    [
        pytest.param('{"sha256": "0"}', "belongs to another model", id="of another model"),
        pytest.param("[]", "belongs to another model", id="not a card"),
        pytest.param("{", "not a JSON file", id="not JSON"),
        pytest.param("[" * 100_000, "not a JSON file", id="nested too deep"),
        pytest.param('{"sha256": NaN}', "belongs to another model", id="a number as hash"),
    ],
)
def test_a_card_that_does_not_fit(model: Path, card: str, message: str) -> None:
    model.with_suffix(".json").write_text(card)
    with pytest.raises(ModelError, match=message):
        find_model(str(model))


def test_a_model_alone_needs_no_judges(model: Path) -> None:
    rule: dict[str, object] = {"weights": {}, "no digit": {}}
    forms = {"mnist form": rule, "other": rule}
    looks = {"judges": {"gone.keras": "0"}, "screen": forms, "all_readings": forms}
    model.with_suffix(".json").write_text(json.dumps({"sha256": SHA256, "looks": looks}))
    card = re.escape(str(model.with_suffix(".json")))
    missing = (
        f"the card {card} names a judge, which is to lie beside the model: .*gone.keras: No such"
    )
    with pytest.raises(ModelError, match=missing):
        find_model(str(model))
    found = find_alone(str(model))
    assert (found.sha256, found.looks, found.judges) == (SHA256, None, ())


def test_what_the_card_of_a_judge_says_of_judges_does_not_count(model: Path) -> None:
    """So two models may judge each other, and a judge has a card of its own training."""
    rule: dict[str, object] = {"weights": {}, "no digit": {}}
    forms = {"mnist form": rule, "other": rule}
    looks = {"judges": {model.name: SHA256}, "screen": forms, "all_readings": forms}
    model.with_suffix(".json").write_text(json.dumps({"sha256": SHA256, "looks": looks}))
    (judge,) = find_model(str(model)).judges
    assert judge.judges == ()


@pytest.mark.parametrize("value", ['"0.9"', "true", "NaN", "Infinity", "-0.1", "1.1", "[]", "{}"])
def test_a_threshold_that_is_none_is_named(model: Path, value: str) -> None:
    card = f'{{"sha256": "{SHA256}", "review_below": {value}}}'
    model.with_suffix(".json").write_text(card)
    with pytest.raises(ModelError, match="review_below is a confidence from 0 to 1, received"):
        find_model(str(model))
    assert find_model(str(model), review_below=0.5).review_below == 0.5


def test_a_card_that_cannot_be_read_says_why(model: Path) -> None:
    model.with_suffix(".json").mkdir()
    with pytest.raises(ModelError, match=r"model's card .*: Is a directory"):
        find_model(str(model))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("text.keras", b"text", id="text"),
        pytest.param("empty.h5", b"", id="empty"),
        pytest.param("model.pt", ZIP, id="another suffix"),
        pytest.param("model.tflite", b"\0" * 8, id="lite"),
    ],
)
def test_a_file_that_is_no_model(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(
        ModelError, match=r"a model is a \.keras or \.h5 file, received .*, which is"
    ):
        find_model(str(tmp_path / name))


@pytest.mark.parametrize("name", ["a.keras", "a.KERAS", "a.h5", "a.H5", "a.hdf5", "a.HDF5"])
@pytest.mark.parametrize("content", [ZIP, HDF5], ids=["zip", "hdf5"])
def test_the_content_decides_what_a_known_suffix_holds(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    assert find_model(str(tmp_path / name)).path == str(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("saved/saved_model.pb", "a SavedModel folder; save", id="SavedModel"),
        pytest.param("saved/config.json", "a folder; save", id="folder"),
        pytest.param("saved.ckpt", "the weights alone; save the whole", id="checkpoint"),
        pytest.param("saved.index", "the weights alone; save the whole", id="checkpoint's index"),
        pytest.param("saved.tflite", "a TensorFlow Lite model; save", id="lite"),
        pytest.param("saved.onnx", "an exported model; name the .keras", id="onnx"),
        pytest.param("saved.PTH", "a PyTorch model", id="PyTorch"),
    ],
)
def test_what_else_people_have_of_a_model_is_named(tmp_path: Path, name: str, words: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\0" * 8)
    given = tmp_path / "saved" if (tmp_path / "saved").is_dir() else path
    with pytest.raises(ModelError, match=words):
        find_model(str(given))


def test_a_card_gives_the_scale(model: Path) -> None:
    assert find_model(str(model)).scale is None
    model.with_suffix(".json").write_text(json.dumps({"sha256": SHA256, "scale": [0, 255]}))
    assert find_model(str(model)).scale == (0, 255)


@pytest.mark.parametrize(
    "scale",
    [
        *('"0 to 255"', "null", "255", "[0]", "[0, 1, 2]", '["0", "255"]', "[false, true]"),
        *("[1, 1]", "[0, NaN]", "[0, Infinity]", f"[0, 1{'0' * 400}]", "[0, 1e30]", "{}"),
    ],
)
def test_a_scale_that_is_none(model: Path, scale: str) -> None:
    card = f'{{"sha256": "{SHA256}", "scale": {scale}}}'
    model.with_suffix(".json").write_text(card)
    with pytest.raises(ModelError, match=r"my\.json gives no scale: "):
        find_model(str(model))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda path: path.write_bytes(ZIP + b"new"), id="replaced"),
        pytest.param(lambda path: path.write_bytes(b""), id="emptied"),
        pytest.param(lambda path: path.unlink(), id="removed"),
    ],
)
def test_a_file_that_changed_since_it_was_hashed_is_not_read(
    model: Path, change: Callable[[Path], object]
) -> None:
    found = find_model(str(model))
    assert found.read() == ZIP
    change(model)
    with pytest.raises(ModelError, match=r"my\.keras( was replaced during the run|: No such file)"):
        found.read()


def test_a_missing_model_lists_the_shipped() -> None:
    with pytest.raises(ModelError, match=r"No such file .*shipped are article-code, .*digits"):
        find_model("missing")


def test_a_card_lies_beside_its_model() -> None:
    assert card_path("a.b/mine.h5") == "a.b/mine.json"
