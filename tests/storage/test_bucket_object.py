"""An object that is read in parts, from stores that know ranges and from one that does not."""

import io
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from obstore.exceptions import GenericError, PreconditionError

from batch_predict.storage.bucket_object import BucketObject
from batch_predict.storage.registry import ChangedError

CONTENT = bytes(range(256)) * (40 << 10)  # 10 MiB
MIB = 1 << 20


class Answer(NamedTuple):
    content: bytes
    meta: dict[str, str]

    def bytes(self) -> bytes:
        return self.content

    def stream(self, min_chunk_size: int) -> Iterator[bytes]:
        for start in range(0, len(self.content), min_chunk_size):
            yield self.content[start : start + min_chunk_size]


class Store:
    """One object; `asked` has the ranges, None for all of it."""

    def __init__(self, *, knows_ranges: bool = True) -> None:
        self.tag = "1"
        self.asked: list[tuple[int, int] | None] = []
        self._knows_ranges = knows_ranges

    def get(self, name: str, options: dict[str, Any] | None = None) -> Answer:
        asked = options["range"] if options else None
        if options and not self._knows_ranges:
            raise GenericError("Received non-partial response when range requested")
        if options and options["if_match"] != self.tag:
            raise PreconditionError("412")
        self.asked.append(asked)
        return Answer(CONTENT[slice(*asked)] if asked else CONTENT, {"e_tag": self.tag})


def opened(store: Store) -> io.BufferedReader:
    return io.BufferedReader(BucketObject(store, "in.tar", "s3://here", len(CONTENT), "1"), 1 << 16)


@pytest.mark.parametrize("knows_ranges", [True, False])
def test_any_part_is_read(knows_ranges: bool) -> None:
    file = opened(Store(knows_ranges=knows_ranges))
    for start, length in ((0, 5), (9 * MIB, 2 * MIB), (3, MIB), (5 * MIB, 1), (0, 11 * MIB)):
        file.seek(start)
        assert file.read(length) == CONTENT[start : start + length]


def test_who_goes_forward_asks_for_more_each_time() -> None:
    store = Store()
    file = opened(store)
    while file.read(1000):
        file.seek(1000, io.SEEK_CUR)
    ends = [end / MIB for _, end in filter(None, store.asked)]
    assert ends == [0.5, 1.5, 3.5, 7.5, 10]


def test_who_reads_far_apart_asks_for_little() -> None:
    store = Store()
    file = opened(store)
    for start in (9 * MIB, 6 * MIB, 3 * MIB):
        file.seek(start)
        file.read(1000)
    assert {end - start for start, end in filter(None, store.asked)} == {MIB // 4}


def test_a_store_without_ranges_is_asked_once_by_who_goes_forward() -> None:
    store = Store(knows_ranges=False)
    assert opened(store).read() == CONTENT
    assert store.asked == [None]


def test_another_version_is_not_read_on() -> None:
    store = Store()
    file = opened(store)
    file.read(10)
    store.tag = "2"
    file.seek(9 * MIB)
    with pytest.raises(ChangedError):
        file.read(10)


def test_another_version_is_not_begun_without_ranges() -> None:
    store = Store(knows_ranges=False)
    store.tag = "2"
    with pytest.raises(ChangedError):
        opened(store).read(10)
