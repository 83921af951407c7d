"""The folders at the top of a bucket: many are listed side by side, and shards share them out."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, Final, NamedTuple, TypeAlias

from batch_predict.shard import Shard
from batch_predict.tables.csv_paths import to_csv

#: objects as obstore describes them
Page: TypeAlias = Sequence[Any]

PAGE: Final = 1000  # keys of one request, the most that stores give
AT_ONCE: Final = 16  # listings side by side: at 50 ms a request, more keys than Python takes
# By the hashes of so many, the largest of 16 shards has about 1.4 times its share.
MIN_PREFIXES_A_SHARD: Final = 20
# On average. With fewer, requests of one prefix each come to no more keys than one listing of all.
_MIN_KEYS: Final = PAGE // AT_ONCE


class Prefixes(NamedTuple):
    """What lies at the top of a bucket."""

    objects: Page  # those in no folder
    names: Sequence[str]  # of folders, in order

    def share(self, shard: Shard) -> "Prefixes | None":
        """What falls to `shard`, the same whatever else there is; None: there are too few."""
        if len(self.names) < MIN_PREFIXES_A_SHARD * shard.count:
            return None
        return Prefixes(
            [found for found in self.objects if shard.holds(to_csv(found["path"]))],
            [name for name in self.names if shard.holds(f"{to_csv(name)}/")],
        )

    def pages(self, store: Any) -> Iterator[Page]:
        """All objects: those in no folder, then the folders', AT_ONCE of which take turns.

        That order is the same each time. A page of each is in memory.
        """
        for start in range(0, len(self.objects), PAGE):
            yield self.objects[start : start + PAGE]
        left = (iter(store.list(name, chunk_size=PAGE)) for name in self.names)
        with ThreadPoolExecutor(AT_ONCE, "list") as threads:
            listings = deque(islice(left, AT_ONCE))
            coming = deque(threads.submit(_next, listing) for listing in listings)
            while coming:
                listing, page = listings.popleft(), coming.popleft().result()
                following = [listing] if len(page) == PAGE else list(islice(left, 1))
                listings.extend(following)
                coming.extend(threads.submit(_next, each) for each in following)
                yield page


def find_prefixes(store: Any, first: Page) -> Prefixes | None:
    """The top of the bucket whose list begins with `first`; None: it is better listed as a whole.

    That is so where it has one page, where the list begins with objects in no folder (of which
    there may be any number), or where the folders are small.
    """
    in_folders = sum("/" in found["path"] for found in first)
    if len(first) < PAGE or in_folders < PAGE // 2:
        return None
    top = store.list_with_delimiter()
    names = sorted(top["common_prefixes"])
    if len(names) < 2 or not all(names):  # a key that begins with a slash is in a folder ""
        return None
    sample = names[:: -(-len(names) // AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE, "list") as threads:
        begun = threads.map(_next, (iter(store.list(name, chunk_size=PAGE)) for name in sample))
        if sum(map(len, begun)) < _MIN_KEYS * len(sample):
            return None
    return Prefixes(top["objects"], names)


def _next(listing: Iterator[Page]) -> Page:
    return next(listing, ())
