"""Folders at the top of a bucket: listed side by side, and shared out among shards."""

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from batch_predict.errors import InputError
from batch_predict.shard import Shard
from batch_predict.storage.bucket_walk import BucketWalk
from batch_predict.storage.prefixes import AT_ONCE, PAGE
from batch_predict.storage.selection import Selection

TIME = datetime(2026, 11, 27, tzinfo=UTC)


class Store:
    """Lists `keys` as obstore does, in pages; `asked` are the prefixes, once for each page."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = sorted(keys)
        self.asked: list[str | None] = []

    def list(self, prefix: str | None = None, chunk_size: int = 50) -> Iterator[list[Any]]:
        below = "" if prefix is None else f"{prefix}/"
        found = [_described(key) for key in self._keys if key.startswith(below)]
        for start in range(0, len(found), chunk_size):
            self.asked.append(prefix)
            yield found[start : start + chunk_size]

    def list_with_delimiter(self) -> dict[str, Any]:
        return {
            "common_prefixes": list({key.split("/")[0] for key in self._keys if "/" in key}),
            "objects": [_described(key) for key in self._keys if "/" not in key],
        }

    def get(self, key: str) -> Any:
        return SimpleNamespace(stream=lambda min_chunk_size: [b"words"])


def _described(key: str) -> dict[str, Any]:
    return {"path": key, "size": 5, "e_tag": "1", "last_modified": TIME}


def walk_over(keys: Sequence[str]) -> tuple[Store, BucketWalk]:
    store = Store(keys)
    return store, BucketWalk(store, "s3://in", Selection())


def folders(count: int, files: int, ending: str = ".png") -> list[str]:
    return [f"{folder:03}/{n:04}{ending}" for folder in range(count) for n in range(files)]


TOP = ("a.png", "notes.txt", "=1.png")
MIXED = [*TOP, *folders(50, 70), *(f"{n:03}/x.txt" for n in range(50)), ".git/a.png"]


@pytest.mark.parametrize(
    ("keys", "is_split"),
    [
        pytest.param(MIXED, True, id="folders"),
        pytest.param(folders(2, 1500), True, id="two large ones"),
        pytest.param(folders(3, 3), False, id="one page"),
        pytest.param([f"{n:05}.png" for n in range(1500)], False, id="no folder"),
        pytest.param(folders(1, 1500), False, id="one folder"),
        pytest.param(folders(500, 5), False, id="small folders"),
        pytest.param(["/a.png", *folders(20, 70)], False, id="a folder without a name"),
    ],
)
def test_folders_that_are_worth_it_are_listed_one_by_one(keys: list[str], is_split: bool) -> None:
    store, walk = walk_over(keys)
    store.asked.clear()
    found = [ref.path.removeprefix("./") for ref in walk]
    assert sorted(found) == sorted(key for key in keys if key.endswith(".png") and key[0] != ".")
    assert (store.asked.count(None) == 0) is is_split


def test_the_order_is_the_same_each_time() -> None:
    first, second = ([ref.path for ref in walk_over(folders(3, 1001))[1]] for _ in range(2))
    assert first == second


def test_few_pages_are_in_memory() -> None:
    store, walk = walk_over(folders(2 * AT_ONCE, PAGE + 1))
    refs = iter(walk)
    next(refs)
    assert len(store.asked) <= 2 * AT_ONCE + 2  # a page, one ahead of each; and the sample
    refs.close()  # type: ignore[attr-defined]  # a generator
    assert not [each for each in threading.enumerate() if each.name.startswith("list")]


def test_folders_are_asked_for_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    store, walk = walk_over(folders(AT_ONCE, 70))
    listed, all_asked = store.list, threading.Barrier(AT_ONCE)

    def waiting(prefix: str | None = None, chunk_size: int = 50) -> Iterator[list[Any]]:
        if prefix is not None:
            all_asked.wait(60)
        yield from listed(prefix, chunk_size)

    monkeypatch.setattr(store, "list", waiting)
    assert len(list(walk)) == AT_ONCE * 70


def test_shares_are_the_whole_and_each_lists_its_own_alone() -> None:
    _, whole = walk_over(MIXED)
    found = sorted(ref.path for ref in whole)
    shared, left_out = [], whole.skipped.copy()
    for index in range(2):
        store, walk = walk_over(MIXED)
        part = walk.share(Shard(index, 2))
        assert part is not None
        assert part.cut == ("prefixes", None)
        store.asked.clear()
        paths = [ref.path for ref in part]
        assert {path.split("/")[0] for path in paths if path[:2].isdigit()} <= set(store.asked)
        assert None not in store.asked
        shared += paths
        left_out.subtract(part.skipped)
    assert sorted(shared) == found
    assert not left_out.total()


@pytest.mark.parametrize(
    ("count", "shards", "can_be"),
    [
        pytest.param(40, 2, True, id="enough"),
        pytest.param(39, 2, False, id="one too few"),
        pytest.param(40, 3, False, id="for more shards"),
    ],
)
def test_shares_take_twenty_folders_a_shard(count: int, shards: int, can_be: bool) -> None:
    _, walk = walk_over(folders(count, 70))
    assert (walk.share(Shard(0, shards)) is not None) is can_be


def test_a_folder_that_cannot_be_listed_is_an_input_error(monkeypatch: pytest.MonkeyPatch) -> None:
    store, walk = walk_over(folders(50, 70))
    listed = store.list

    def refusing(prefix: str | None = None, chunk_size: int = 50) -> Iterator[list[Any]]:
        if prefix == "049":
            raise FileNotFoundError("status code: 403 Forbidden")
        return listed(prefix, chunk_size)

    monkeypatch.setattr(store, "list", refusing)
    with pytest.raises(InputError, match="can't list s3://in: access is denied"):
        list(walk)
