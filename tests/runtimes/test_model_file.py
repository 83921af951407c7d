import hashlib
import json
from pathlib import Path

import pytest

from batch_predict.errors import ModelError
from batch_predict.runtimes.model_file import find_model

ZIP = b"PK\x03\x04 and so on"
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
    ],
)
def test_a_card_that_does_not_fit(model: Path, card: str, message: str) -> None:
    model.with_suffix(".json").write_text(card)
    with pytest.raises(ModelError, match=message):
        find_model(str(model))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("text.keras", b"text", id="text"),
        pytest.param("empty.h5", b"", id="empty"),
        pytest.param("model.pt", ZIP, id="another suffix"),
        pytest.param("model.h5", ZIP, id="another content"),
    ],
)
def test_a_file_that_is_no_model(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(
        ModelError, match=r"a model is a \.keras or \.h5 file, received .*, which is"
    ):
        find_model(str(tmp_path / name))


def test_a_missing_model_lists_the_shipped() -> None:
    with pytest.raises(ModelError, match=r"No such file .*shipped are article-code, .*digits"):
        find_model("missing")
