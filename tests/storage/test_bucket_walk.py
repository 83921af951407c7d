"""The listing of a bucket -> refs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from batch_predict.records import ImageRef
from batch_predict.storage.bucket_walk import BucketWalk
from batch_predict.storage.selection import Selection

FOUND = {
    "path": "7/a.png",
    "size": 5,
    "e_tag": '"1"',
    "last_modified": datetime(2026, 11, 24, tzinfo=UTC),
}


class Store:
    """Lists objects as obstore does: what ends in a slash without it, below a prefix in parts."""

    def __init__(self, *found: dict[str, Any]) -> None:
        self._found = found

    def list(self, prefix: str = "", chunk_size: int = 50) -> Iterator[list[dict[str, Any]]]:
        below = [each for each in self._found if not prefix or f"{prefix}/" in each["path"]]
        yield [{**each, "path": each["path"].strip("/")} for each in below]

    def get(self, key: str) -> Any:
        return SimpleNamespace(stream=lambda min_chunk_size: [b"words"])


def version(**changes: object) -> str | None:
    """Of the one object, as it is after `changes`."""
    (ref,) = BucketWalk(Store({**FOUND, **changes}), "s3://in", Selection())
    return ref.version


def test_a_ref() -> None:
    (ref,) = BucketWalk(Store(FOUND), "s3://in", Selection())
    assert ref == ImageRef("7/a.png", 5, "1")


@pytest.mark.parametrize(
    ("key", "category"),
    [
        pytest.param("7/a.png", None, id="a picture"),
        pytest.param("@eaDir/a.png/SYNOPHOTO_THUMB_M.jpg", "system folder", id="a system's folder"),
        pytest.param("a/#recycle/b.png", "system folder", id="a system's folder below another"),
        pytest.param("a/lost+found", "other file", id="an object of its name"),
        pytest.param("thumbs/a/b.png", "excluded", id="below a folder"),
        pytest.param("a/b_thumb.png", "excluded", id="a name"),
        pytest.param("x/y/c.png", "excluded", id="a path"),
        pytest.param("a/x/y/c.png", None, id="another path"),
    ],
)
def test_what_is_skipped_is_counted(key: str, category: str | None) -> None:
    globs = ("thumbs", "*_thumb.png", "x/y")
    walk = BucketWalk(Store({**FOUND, "path": key}), "s3://in", Selection(exclude=tuple(globs)))
    assert len(list(walk)) == (category is None)
    assert walk.skipped == ({category: 1} if category else {})


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        pytest.param(
            {}, {"last_modified": datetime(2026, 11, 25, tzinfo=UTC)}, True, id="put again alike"
        ),
        pytest.param({}, {"e_tag": '"2"'}, False, id="tag"),
        pytest.param({"e_tag": None}, {"e_tag": None}, True, id="no tag: nothing"),
        pytest.param({"e_tag": None}, {"e_tag": None, "size": 6}, False, id="no tag: size"),
        pytest.param(
            {"e_tag": None},
            {"e_tag": None, "last_modified": datetime(2026, 11, 25, tzinfo=UTC)},
            False,
            id="no tag: time",
        ),
    ],
)
def test_another_object_has_another_version(
    before: dict[str, object], after: dict[str, object], same: bool
) -> None:
    assert (version(**before) == version(**after)) is same


@pytest.mark.parametrize(
    ("keys", "found", "skipped"),
    [
        pytest.param({"a.png": 0}, ["a.png"], {}, id="an empty picture"),
        pytest.param({"a.png/": 0}, [], {"folder marker": 1}, id="a marker"),
        pytest.param(
            {"a.png/": 0, "a.png/b.png": 5}, ["a.png/b.png"], {"folder marker": 1}, id="a folder"
        ),
        pytest.param(  # as Azure lists a folder of a hierarchical account
            {"a.png": 0, "a.png/b.png": 5}, ["a.png/b.png"], {"folder marker": 1}, id="no slash"
        ),
        pytest.param({"a.png": 5, "a.png/": 0}, ["a.png"], {"folder marker": 1}, id="both"),
        pytest.param(
            {"scans/": 0, "scans/a.png": 5}, ["scans/a.png"], {"other file": 1}, id="plain"
        ),
    ],
)
def test_a_key_that_marks_a_folder_is_no_picture(
    keys: dict[str, int], found: list[str], skipped: dict[str, int]
) -> None:
    store = Store(*({**FOUND, "path": key, "size": size} for key, size in keys.items()))
    walk = BucketWalk(store, "s3://in", Selection())
    assert [ref.path for ref in walk] == found
    assert walk.skipped == skipped
