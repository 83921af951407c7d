"""Where the members of an archive are, for who knows no more of them than their paths."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

import numpy as np

from batch_predict.records import ImageRef

_ENTRY: Final = np.dtype([("hash", "<i8"), ("place", "<i8"), ("size", "<i8")])
_UNKNOWN: Final = -1  # in place of a size


class Index:
    """24 bytes for each of `refs`, however many these are."""

    def __init__(self, refs: Iterable[ImageRef]) -> None:
        members = ((_hash(r.path), r.place, _size(r)) for r in refs if r.place is not None)
        self._entries = np.fromiter(members, _ENTRY)
        self._entries.sort(order="hash")

    def located(self, ref: ImageRef) -> ImageRef | None:
        """`ref` with size and place; None where there is no such member."""
        wanted = _hash(ref.path)
        at = int(np.searchsorted(self._entries["hash"], wanted))
        if at == len(self._entries) or self._entries["hash"][at] != wanted:
            return None
        size = int(self._entries["size"][at])
        place = int(self._entries["place"][at])
        return ref._replace(size=None if size == _UNKNOWN else size, place=place)


def _size(ref: ImageRef) -> int:
    return _UNKNOWN if ref.size is None else ref.size


def _hash(path: str) -> int:
    return int.from_bytes(blake2b(path.encode(), digest_size=8).digest(), signed=True)
