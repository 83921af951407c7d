"""What lists the pictures of a source."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from batch_predict.shard import Shard
from batch_predict.storage.cut import Cut
from batch_predict.storage.overlooked import Overlooked

if TYPE_CHECKING:  # NumPy: not before the command line is right
    from batch_predict.records import ImageRef
    from batch_predict.storage.archives import Label


class Listing(ABC):
    """Iterates over the picture files below `in_dir`: refs without truth.

    `skipped` counts the other files, by what `LeftOut` has for them, as far as it has come;
    `overlooked` tells of those that seem to be pictures. `take_label` is called with the labels of
    archives, once it is set.
    """

    def __init__(
        self, in_dir: str, overlooked: Overlooked, *, is_local: bool, repeats: bool = False
    ) -> None:
        """`is_local`: `check_present` takes microseconds, not a request; `repeats`: paths may."""
        self.in_dir = in_dir
        self.is_local = is_local
        self.repeats = repeats
        self.cut: Cut | None = None  # what `share` went by; None: it lists all
        self.is_part = False  # whether pictures may lie there that it is not asked for
        self.skipped: Counter[str] = Counter()
        self.overlooked = overlooked
        self.take_label: Callable[[Label], None] = lambda _: None

    @abstractmethod
    def __iter__(self) -> "Iterator[ImageRef]":
        """Raises InputError where the listing breaks off."""

    @abstractmethod
    def check_present(self) -> None:
        """Raises InputError where `in_dir` went away, or another folder is there now."""

    def share(self, shard: Shard) -> "Listing | None":
        """Lists what falls to `shard` alone; None: that takes listing all and going by each path.

        The shares of all shards are the whole, each picture once. Raises InputError.
        """
        return None
