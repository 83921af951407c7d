"""Names of pictures that have none: their numbers, written so that their order is theirs."""

from collections.abc import Iterator
from typing import Final

_NARROWEST: Final = 6  # digits: those of MNIST's 70,000 and of most sets are as wide


def numbers(count: int) -> Iterator[str]:
    """The names of `count` pictures, from 0 on."""
    width = max(_NARROWEST, len(str(count - 1)))
    return map(f"%0{width}d".__mod__, range(count))
