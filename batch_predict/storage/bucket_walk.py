"""A bucket -> the picture files in it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from errno import EIO
from functools import cached_property
from typing import Any

from obstore.exceptions import BaseError

from batch_predict.errors import InputError
from batch_predict.records import ImageRef
from batch_predict.shard import Shard
from batch_predict.storage.bucket_errors import error_words, is_panic
from batch_predict.storage.cut import Cut
from batch_predict.storage.exclusion import Exclusion
from batch_predict.storage.key_names import key_category
from batch_predict.storage.left_out import LeftOut
from batch_predict.storage.listing import Listing
from batch_predict.storage.object_version import version_of
from batch_predict.storage.overlooked import MOST_OF_BUCKET, START, Overlooked
from batch_predict.storage.prefixes import PAGE, Page, Prefixes, find_prefixes
from batch_predict.storage.selection import Selection
from batch_predict.tables.csv_paths import to_csv


class BucketWalk(Listing):
    """See `Listing`: what `selection` takes; there are no links.

    What would be a folder that is skipped counts once for each object in it.
    """

    def __init__(self, store: Any, address: str, selection: Selection) -> None:
        super().__init__(address, Overlooked(self._start, MOST_OF_BUCKET), is_local=False)
        self._store = store
        self._selection = selection
        self._exclusion = Exclusion(selection.exclude)
        self._first = self._first_page()

    def __iter__(self) -> Iterator[ImageRef]:
        """See `Listing`; in the order of the keys, or as `Prefixes.pages` gives them."""
        for page in self._pages():
            for found in page:
                category = self.category(found["path"])
                if category is None and not found["size"] and self._is_folder(found["path"]):
                    category = LeftOut.FOLDER_MARKER
                if category is None:
                    yield ImageRef(to_csv(found["path"]), found["size"], version_of(found))
                else:
                    self.skipped[category] += 1

    def check_present(self) -> None:
        """See `Listing`."""
        self._first_page()

    def share(self, shard: Shard) -> "BucketWalk | None":
        """See `Listing`: by the folders at the top, where they are many."""
        part = None if self._prefixes is None else self._prefixes.share(shard)
        if part is None:
            return None
        walk = copy(self)
        walk.skipped = Counter()
        walk.overlooked = Overlooked(walk._start, MOST_OF_BUCKET)
        walk.cut = Cut("prefixes")
        walk._prefixes = part
        return walk

    @cached_property
    def _prefixes(self) -> Prefixes | None:
        with self._as_input_error():
            return find_prefixes(self._store, self._first)

    def _pages(self) -> Iterator[Page]:
        with self._as_input_error():
            if self._prefixes is None:
                yield from self._store.list(chunk_size=PAGE)
            else:
                yield from self._prefixes.pages(self._store)

    def _first_page(self) -> Page:
        with self._as_input_error():
            return next(iter(self._store.list(chunk_size=PAGE)), ())

    def _is_folder(self, key: str) -> bool:
        """Whether `key`, which is listed as empty, marks a folder: obstore drops its last slash.

        The list below it then holds the marker itself, or what lies in the folder.
        """
        with self._as_input_error():
            return any(self._store.list(key, chunk_size=1))

    @contextmanager
    def _as_input_error(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, FileNotFoundError) as error:
            raise InputError(f"can't list {self.in_dir}: {error_words(error)}") from error
        except BaseException as error:
            if not is_panic(error):
                raise
            raise InputError(f"can't list {self.in_dir}: {error_words(error)}") from error

    def category(self, key: str) -> LeftOut | None:
        """The category that the object `key` is left out for; None for a picture."""
        if f"{self.in_dir}/{key}" in self._selection.outputs:
            return LeftOut.OWN_OUTPUT
        category = key_category(key, self._exclusion, all_files=self._selection.all_files)
        if category == LeftOut.ARCHIVE and self._selection.archives:
            return None
        return self.overlooked.category(key, key) if category == LeftOut.OTHER_FILE else category

    def _start(self, key: str) -> bytes:
        """The first bytes of an object; raises OSError."""
        try:
            # Not a range, which some stores do not know: the rest of the stream is not asked for
            return bytes(next(iter(self._store.get(key).stream(min_chunk_size=START)), b""))
        except BaseError as error:  # gone, or not ours to read
            raise OSError(EIO, error_words(error), key) from error
