"""An archive -> the pictures in it."""

import logging
from collections.abc import Iterator
from typing import Final

from batch_predict.errors import causes, describe, in_one_line, printable
from batch_predict.records import Code, ImageRef, Reason
from batch_predict.storage.archive_names import is_archive_name
from batch_predict.storage.archives.archive import (
    Label,
    MemberError,
    NoPicturesError,
    Skipped,
)
from batch_predict.storage.archives.labels import LABELS_NAME
from batch_predict.storage.archives.reader import ArchiveReader
from batch_predict.storage.exclusion import Exclusion
from batch_predict.storage.key_names import key_category
from batch_predict.storage.left_out import LeftOut
from batch_predict.storage.listing import Listing
from batch_predict.storage.registry import ChangedError
from batch_predict.storage.selection import Selection
from batch_predict.tables.csv_paths import to_csv

_LOGGER: Final = logging.getLogger(__name__)


class Members:
    """Lists the members of archives for a `listing`, which counts what is left out."""

    def __init__(self, reader: ArchiveReader, listing: Listing, selection: Selection) -> None:
        self._reader = reader
        self._listing = listing
        self._exclusion = Exclusion(selection.exclude)
        self._all_files = selection.all_files

    def of(self, file: ImageRef, prefix: str) -> Iterator[ImageRef]:
        """The pictures in the archive `file`, whose names get the `prefix`.

        Where it breaks off, or can't be opened, the last one is the archive's own ref.
        """
        try:
            archive, check_unchanged = self._reader.opened(file)
            start = to_csv(prefix)
            are_all_taken = not archive.has_names and not self._exclusion
            for found in archive.members():
                if isinstance(found, Label):
                    key, name = (to_csv(prefix + each) for each in (found.key, found.name))
                    self._listing.take_label(Label(name, key, found.digit))
                    continue
                if isinstance(found, Skipped):
                    self._listing.skipped[found.category] += 1
                    continue
                name, place, size, truth, fault = found
                if are_all_taken:  # numbers, which stand in the CSV as they are
                    yield ImageRef(start + name, size, file.version, truth, None, place, fault)
                    continue
                name = f"{prefix}{name}"
                category = self._category(name, has_names=archive.has_names)
                if category is None:
                    yield ImageRef(to_csv(name), size, file.version, truth, None, place, fault)
                else:
                    self._listing.skipped[category] += 1
            check_unchanged()
            self._reader.forget()  # of a bucket, it has read ahead what may be another by now
        except NoPicturesError:
            self._listing.skipped[LeftOut.NO_PICTURES] += 1
        except OSError as error:
            cause = in_one_line([describe(error), *causes(error)])
            _LOGGER.info("%s: %s", printable(file.path), printable(cause))
            yield file._replace(fault=_fault(error))

    def _category(self, name: str, *, has_names: bool) -> LeftOut | None:
        """The category that a member is skipped for; a number has no name to skip it for."""
        if not has_names:
            return LeftOut.EXCLUDED if self._exclusion.matches(name, is_folder=False) else None
        if is_archive_name(name) and not self._all_files:
            return LeftOut.NESTED
        category = key_category(name, self._exclusion, all_files=self._all_files)
        is_labels = category == LeftOut.OTHER_FILE and name.rpartition("/")[2] == LABELS_NAME
        return LeftOut.UNREAD_LABELS if is_labels else category


def _fault(error: OSError) -> Reason | None:
    """What is wrong with an archive whose listing raised `error`; None: reading it will say so."""
    if isinstance(error, MemberError):
        return error.reason
    if isinstance(error, FileNotFoundError):
        return None
    changed = isinstance(error, ChangedError)
    words = "the archive changed while it was listed" if changed else "the archive can't be read"
    return Reason(Code.UNREADABLE, words)
