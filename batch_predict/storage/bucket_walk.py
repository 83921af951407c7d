"""A bucket -> the picture files in it."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from obstore.exceptions import BaseError, InvalidPathError

from batch_predict.errors import InputError
from batch_predict.records import ImageRef
from batch_predict.storage.picture_names import kind_of_hidden, kind_of_name
from batch_predict.tables.csv_paths import to_csv

PAGE: Final = 1000  # keys that are in memory at a time
_STATUS: Final = re.compile(r"status code: (\d{3})")
_WHY: Final = {
    "401": "access is denied: check the credentials",
    "403": "access is denied: check the credentials",
    "404": "there is no such bucket",
}


class BucketWalk:
    """See `Listing`. What would be a hidden folder counts once for each object in it."""

    def __init__(self, store: Any, place: str, own: frozenset[str], all_files: bool) -> None:
        self.in_dir = place
        self.left_out: Counter[str] = Counter()
        self._store = store
        self._own = own
        self._all_files = all_files
        self.still_there()

    def __iter__(self) -> Iterator[ImageRef]:
        """See `Listing`; in the order of the store, which is that of the keys."""
        for page in self._pages():
            for found in page:
                kind = self._kind(found["path"])
                if kind is None:
                    yield ImageRef(to_csv(found["path"]), found["size"], _version(found))
                else:
                    self.left_out[kind] += 1

    def still_there(self) -> None:
        """See `Listing`."""
        next(self._pages(), None)

    def _pages(self) -> Iterator[Sequence[Any]]:
        try:
            yield from self._store.list(chunk_size=PAGE)
        except (BaseError, FileNotFoundError) as error:
            raise InputError(f"can't list {self.in_dir}: {why(error)}") from error

    def _kind(self, key: str) -> str | None:
        if f"{self.in_dir}/{key}" in self._own:
            return "own output"
        parts = key.split("/")
        hidden = next(filter(None, map(kind_of_hidden, parts)), None)
        return hidden or kind_of_name(parts[-1], self._all_files)


def _version(found: Any) -> str:
    """The object's entity tag; where the store has none, its size and when it was put there."""
    return found["e_tag"] or f"{found['size']} {found['last_modified'].isoformat()}"


def why(error: BaseException) -> str:
    """In our own words: the store's may hold addresses that were signed."""
    if isinstance(error, InvalidPathError):
        return "a key has an empty part, a part '.' or '..', or a control character"
    status = _STATUS.search(str(error))
    return _WHY.get(status[1] if status else "", "the store does not answer as it should")
