"""A listing of what is found otherwise than by a walk alone."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from batch_predict.shard import Shard
from batch_predict.storage.cut import Cut
from batch_predict.storage.overlooked import Overlooked
from batch_predict.storage.registry import Listing

if TYPE_CHECKING:  # NumPy: not before the command line is right
    from batch_predict.records import ImageRef
    from batch_predict.storage.archives import Label


class GivenListing:
    """See `Listing`: what `listed` gives of it, of the input `in_dir`."""

    def __init__(
        self,
        in_dir: str,
        listed: "Callable[[GivenListing], Iterator[ImageRef]]",
        check_present: Callable[[], None],
        overlooked: Overlooked,
        *,
        is_local: bool,
        repeats: bool = True,
    ) -> None:
        self.in_dir = in_dir
        self.cut: Cut | None = None
        self.is_local = is_local
        self.repeats = repeats
        self.skipped: Counter[str] = Counter()
        self.take_label: Callable[[Label], None] = lambda _: None
        self.overlooked = overlooked
        self.check_present = check_present
        self.share: Callable[[Shard], Listing | None] = lambda _: None
        self._listed = listed

    def __iter__(self) -> "Iterator[ImageRef]":
        """See `Listing`."""
        return self._listed(self)
