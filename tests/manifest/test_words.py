"""Numbers are said as a person writes them: one of a thing, several of them."""

import pytest

from batch_predict.manifest.summary import counted
from batch_predict.plural import plural


@pytest.mark.parametrize(
    ("count", "noun", "words"),
    [(1, "picture", "1 picture"), (2, "row", "2 rows"), (0, "picture", "0 pictures")],
)
def test_plural(count: int, noun: str, words: str) -> None:
    assert plural(count, noun) == words


@pytest.mark.parametrize(
    ("left_out", "words"),
    [
        pytest.param({}, "", id="nothing"),
        pytest.param({"PDF": 1, "hidden": 1}, "left out: 1 PDF, 1 hidden", id="one-each"),
        pytest.param(
            {"PDF": 2, "picture by another name": 2, "hidden": 3, "other file": 12},
            "left out: 2 PDFs, 3 hidden, 12 other files, 2 pictures by another name",
            id="several",
        ),
        pytest.param(
            {"table without pictures": 2, "special file or broken link": 2, "new": 2},
            "left out: 2 new, 2 special files or broken links, 2 tables without pictures",
            id="of-several-words",
        ),
        pytest.param({"archive": 2}, "left out: 2 archives (--archives opens them)", id="a-hint"),
    ],
)
def test_what_was_left_out(left_out: dict[str, int], words: str) -> None:
    assert counted(left_out) == words
