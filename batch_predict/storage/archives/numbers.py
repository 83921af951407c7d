"""Names of pictures that have none: their numbers, written so that their order is theirs."""

from typing import Final

_NARROWEST: Final = 6  # digits: those of MNIST's 70,000 and of most sets are as wide


def numbered(number: int, count: int) -> str:
    """The name of picture `number`, from 0, of `count`."""
    return f"{number:0{max(_NARROWEST, len(str(count - 1)))}d}"
