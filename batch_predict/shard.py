"""A run split by hand: which of the pictures are this process's."""

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

#: what a value is that is one
FORM: Final = "K/N with K from 0 to N-1, such as 0/16 to 15/16"
_DIGITS: Final = 9  # at most, of a count of shards
_BYTES: Final = 8  # of the hash: a number far above any count of shards


@dataclass(frozen=True)
class Shard:
    """One of `count` parts, counted from 0."""

    index: int
    count: int

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """`3/16` is the fourth of sixteen.

        Raises:
            ValueError: not of this form, or not from `0/n` to `n-1/n`.
        """
        match = re.fullmatch(rf"(\d{{1,{_DIGITS}}})/(\d{{1,{_DIGITS}}})", text, re.ASCII)
        shard = cls(int(match[1]), int(match[2])) if match else None
        if shard is not None and shard.is_one():
            return shard
        raise ValueError(f"a shard is {FORM}, received {text!r}")

    def is_one(self) -> bool:
        """Whether there can be such a part."""
        return 0 <= self.index < self.count < 10**_DIGITS

    def holds(self, path: str) -> bool:
        """Whether the picture at `path`, as the CSV writes it, falls here: the same everywhere."""
        return index_of(path, self.count) == self.index


def index_of(path: str, count: int) -> int:
    """That of the shard, of `count`, which holds the picture at `path`."""
    digest = blake2b(path.encode(), digest_size=_BYTES).digest()
    return int.from_bytes(digest, "big") % count
