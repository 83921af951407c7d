"""A bucket -> the picture files in it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from errno import EIO
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from obstore.exceptions import BaseError, InvalidPathError

from batch_predict.errors import InputError
from batch_predict.records import ImageRef
from batch_predict.shard import Shard
from batch_predict.storage.cut import Cut
from batch_predict.storage.exclusion import Exclusion
from batch_predict.storage.key_names import key_category
from batch_predict.storage.overlooked import MOST_OF_BUCKET, OTHER, START, Overlooked
from batch_predict.storage.picture_names import ARCHIVE
from batch_predict.storage.prefixes import PAGE, Page, Prefixes, find_prefixes
from batch_predict.tables.csv_paths import to_csv

if TYPE_CHECKING:  # it leads back here
    from batch_predict.storage.archives import Label

_STATUS: Final = re.compile(r"status code: (\d{3})")
_WHY: Final = {
    "401": "access is denied: check the credentials",
    "403": "access is denied: check the credentials",
    "404": "there is no such bucket",
}


class BucketWalk:
    """See `Listing`. What would be a folder that is skipped counts once for each object in it."""

    def __init__(
        self,
        store: Any,
        address: str,
        outputs: frozenset[str],
        all_files: bool,
        exclude: Iterable[str] = (),
        *,
        archives: bool = False,
    ) -> None:
        self.in_dir = address
        self.is_local = False
        self.repeats = False
        self.take_label: Callable[[Label], None] = lambda _: None
        self._archives = archives
        self.skipped: Counter[str] = Counter()
        self.overlooked = Overlooked(self._start, MOST_OF_BUCKET)
        self._store = store
        self._outputs = outputs
        self._all_files = all_files
        self._exclusion = Exclusion(exclude)
        self.cut: Cut | None = None
        self._first = self._first_page()

    def __iter__(self) -> Iterator[ImageRef]:
        """See `Listing`; in the order of the keys, or as `Prefixes.pages` gives them."""
        for page in self._pages():
            for found in page:
                category = self.category(found["path"])
                if category is None and not found["size"] and self._is_folder(found["path"]):
                    category = "folder marker"
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

    def category(self, key: str) -> str | None:
        """The category that the object `key` is left out for; None for a picture."""
        if f"{self.in_dir}/{key}" in self._outputs:
            return "own output"
        category = key_category(key, self._exclusion, all_files=self._all_files)
        if category == ARCHIVE and self._archives:
            return None
        return self.overlooked.category(key, key) if category == OTHER else category

    def _start(self, key: str) -> bytes:
        """The first bytes of an object; raises OSError."""
        try:
            # Not a range, which some stores do not know: the rest of the stream is not asked for
            return bytes(next(iter(self._store.get(key).stream(min_chunk_size=START)), b""))
        except BaseError as error:  # gone, or not ours to read
            raise OSError(EIO, error_words(error), key) from error


def version_of(found: Any) -> str:
    """The object's entity tag; where the store has none, its size and when it was put there.

    As an inventory has it, too: without quotes.
    """
    tag = found["e_tag"]
    return _plain(tag) if tag else f"{found['size']} {found['last_modified'].isoformat()}"


def is_as_listed(ref: ImageRef, found: Any) -> bool:
    """Whether an object, as it is now, has the size and the entity tag that were listed."""
    return found["size"] == ref.size and has_version(ref.version or "", found)


def has_version(listed: str, found: Any) -> bool:
    """Whether an object, as it is now, has the entity tag of the version that was `listed`.

    Times are not compared: a listing and an answer give them to different fractions of a second.
    """
    now = found["e_tag"]
    has_tag = " " not in listed  # which no tag holds, see `version_of`
    return not (has_tag and now) or listed == _plain(now)


def _plain(tag: str) -> str:
    """An entity tag without quotes, which Azure leaves out in a listing, and the mark for weak."""
    return tag.removeprefix("W/").strip('"')


def is_panic(error: BaseException) -> bool:
    """Whether obstore's code in Rust gave up: no `Exception`, and of a class that has no name."""
    return type(error).__name__ == "PanicException"


def error_words(error: BaseException) -> str:
    """What failed, in words of ours: the store's may hold signed addresses."""
    if is_panic(error):
        return "a setting of the store, in the environment or a profile, is not valid"
    if isinstance(error, InvalidPathError):
        return "a key has an empty part, a part '.' or '..', or a control character"
    status = _STATUS.search(str(error))
    return _WHY.get(status[1] if status else "", "the store does not answer as it should")
