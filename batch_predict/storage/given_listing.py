"""A listing that stands on another one."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from batch_predict.shard import Shard
from batch_predict.storage.listing import Listing

if TYPE_CHECKING:  # NumPy: not before the command line is right
    from batch_predict.records import ImageRef


class GivenListing(Listing):
    """See `Listing`: what `listed` gives of it, in the input that `base` walks."""

    def __init__(
        self,
        base: Listing,
        listed: "Callable[[Listing], Iterator[ImageRef]]",
        share: Callable[[Shard], Listing | None] = lambda _: None,
        *,
        repeats: bool = True,
    ) -> None:
        super().__init__(base.in_dir, base.overlooked, is_local=base.is_local, repeats=repeats)
        self._base = base
        self._listed = listed
        self._share = share

    def __iter__(self) -> "Iterator[ImageRef]":
        """See `Listing`."""
        return self._listed(self)

    def check_present(self) -> None:
        """See `Listing`."""
        self._base.check_present()

    def share(self, shard: Shard) -> Listing | None:
        """See `Listing`."""
        return self._share(shard)
