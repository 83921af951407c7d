"""A card holds what the page says of a picture, tied to the bytes that it shows."""

import os
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from batch_predict.records import Code, Reason, Status, Views
from batch_predict.review.cards import CardMaker, See
from batch_predict.review.review_rows import ReviewRow
from batch_predict.storage.folder import Folder
from tests.conftest import noise, save

RUN = datetime(2026, 11, 27, tzinfo=UTC)


def doubt(path: str, status: Status = Status.REVIEW, *codes: Code) -> ReviewRow:
    return ReviewRow(path, status, None, None, tuple(Reason(code, "") for code in codes))


@pytest.fixture
def see() -> See:
    return lambda row, content: Views(np.zeros((9, 9), np.uint8), None, None)


def test_the_bytes_that_are_shown_are_those_that_are_hashed(tmp_path: Path, see: See) -> None:
    save(tmp_path / "a.png", noise(0))
    save(tmp_path / "huge.png", noise(1))
    save(tmp_path / "other.png", noise(2))
    rows = [
        doubt("a.png"),
        doubt("gone.png"),
        doubt("huge.png", Status.FAILED, Code.TOO_LARGE),
        doubt("other.png", Status.FAILED, Code.NOT_AN_IMAGE),
    ]
    made = list(CardMaker(Folder(str(tmp_path)), see).cards(rows))
    hashes = [
        sha256((tmp_path / n).read_bytes()).hexdigest() for n in ("a.png", "huge.png", "other.png")
    ]
    assert [card.content for card in made] == [hashes[0], None, *hashes[1:]]
    assert [card.thumbnails is not None for card in made] == [True, False, False, False]
    assert [card.row for card in made] == rows


def test_what_is_new_and_what_has_changed(tmp_path: Path, see: See) -> None:
    for name, seconds in (("old.png", -1), ("late.png", 1)):
        at = RUN.timestamp() + seconds
        os.utime(save(tmp_path / name, noise(0)), (at, at))
    maker = CardMaker(Folder(str(tmp_path)), see, frozenset({"old.png"}), RUN)
    old, late = (maker.card(doubt(name), None) for name in ("old.png", "late.png"))
    assert (old.is_new, old.has_changed) == (True, False)
    assert (late.is_new, late.has_changed) == (False, True)


@pytest.mark.parametrize(
    ("path", "name", "folder"),
    [
        pytest.param("a/b/c.png", "a/b/c.png", "a/b", id="plain"),
        pytest.param("./=1.png", "./=1.png", "", id="formula"),
        pytest.param("a\u202e/b\u2028.png", "a\\u202e/b\\u2028.png", "a\\u202e", id="bidi"),
    ],
)
def test_names_are_shown_as_they_are(
    tmp_path: Path, see: See, path: str, name: str, folder: str
) -> None:
    told = CardMaker(Folder(str(tmp_path)), see).card(doubt(path), None).to_json()
    assert (told["path"], told["name"], told["folder"]) == (path, name, folder)
