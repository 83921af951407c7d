"""What the page shows of one picture."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, TypeAlias

from batch_predict.decisions.decision import Decided, Decision
from batch_predict.errors import printable
from batch_predict.records import Code, ImageRef, Status, Views
from batch_predict.report.pictures import Thumbnails, thumbnails
from batch_predict.review.broken_picture import broken_picture
from batch_predict.review.review_rows import ReviewRow
from batch_predict.storage import Source
from batch_predict.storage.file_hash import picture_sha256
from batch_predict.storage.system_names import to_system
from batch_predict.tables.csv_paths import from_csv
from batch_predict.tables.times import unix_ms

ORIGINAL_SIDE: Final = 320  # pixels, the longer side: large enough to read a digit on any screen
# Files that may not fit into memory: they are hashed part by part, and not shown.
_HUGE: Final = frozenset({Code.TOO_LARGE, Code.OUT_OF_MEMORY})


@dataclass(frozen=True)
class Card:
    """One picture, with all that the page says of it."""

    row: ReviewRow
    content: str | None  # sha256 of the file's bytes, 64 hex digits; None: it can't be read
    thumbnails: Thumbnails | None  # None: it can't be shown
    is_new: bool = False  # it was not in doubt in the run before
    has_changed: bool = False  # the file, since the run
    decided: Decided | None = None  # what counts of the decisions file on this content

    def to_json(self) -> dict[str, Any]:
        """As the page's script takes it."""
        row, shown = self.row, self.thumbnails
        folder = row.path.removeprefix("./").rpartition("/")[0]
        return {
            "content": self.content,
            "path": row.path,
            "name": printable(row.path),
            "folder": printable(folder),
            "status": row.status,
            "label": row.label,
            "confidence": row.confidence,
            "reasons": [[reason.code, reason.words] for reason in row.reasons],
            "isNew": self.is_new,
            "hasChanged": self.has_changed,
            "original": shown and shown.original,
            "maps": shown and shown.maps,
            "prepared": shown and shown.prepared,
            "readings": [[each.kind, *each.answer] for each in shown.readings] if shown else [],
            "settled": self._settled(),
        }

    def _settled(self) -> tuple[str, float, str] | None:
        """What is decided already, as decision, time in ms, and note.

        What the run took from another file stands in its row; the time is not known there.
        """
        if self.decided:
            return self.decided.decision, unix_ms(self.decided.decided_at), self.decided.note
        if self.row.decision and not self.has_changed:
            return self.row.decision, 0, ""
        return None


#: a row and the bytes of its file -> what is to be seen of it; None: it is no picture
See: TypeAlias = Callable[[ReviewRow, bytes], Views | None]


class CardMaker:
    """Makes cards of pictures that lie in `source`, which `see` gives.

    `new` are the paths of what was not in doubt in the run before, `started` is when the run began.
    """

    def __init__(
        self,
        source: Source,
        see: See,
        new: frozenset[str] = frozenset(),
        started: datetime | None = None,
    ) -> None:
        self._source = source
        self._see = see
        self._new = new
        self._started = started

    def cards(self, rows: Iterable[ReviewRow]) -> Iterator[Card]:
        """Of each of `rows` its card, in their order."""
        for row, digest, data in self._read(rows):
            yield self.card(row, digest, None if data is None else self._views(row, data))

    def listed(self, rows: Iterable[ReviewRow]) -> Iterator[Card]:
        """The same without what is to be seen, which takes most of the time."""
        for row, digest, _ in self._read(rows):
            yield self.card(row, digest)

    def _read(
        self, rows: Iterable[ReviewRow]
    ) -> Iterator[tuple[ReviewRow, str | None, bytes | None]]:
        """Of each row the hash of its file, and the bytes where they may be decoded."""
        rows = list(rows)
        read = self._source.read_each(ImageRef(row.path) for row in rows if not _may_be_huge(row))
        for row in rows:
            if _may_be_huge(row):
                digest = picture_sha256(self._source, row.path)
                yield row, None if digest is None else digest.hex(), None
                continue
            data = next(read)
            if isinstance(data, OSError):
                yield row, None, None
            else:
                yield row, sha256(data).hexdigest(), data

    def card(self, row: ReviewRow, content: str | None, views: Views | None = None) -> Card:
        """That of `row`, whose file has the sha256 `content`."""
        return Card(
            row,
            content,
            thumbnails(views, ORIGINAL_SIDE) if views else None,
            row.path in self._new,
            self._has_changed(row.path),
        )

    def _views(self, row: ReviewRow, data: bytes) -> Views | None:
        if not may_have_failed(row):
            return self._see(row, data)
        if any(reason.code == Code.NOT_AN_IMAGE for reason in row.reasons):
            return None  # a process for each of a folder of other files takes minutes
        shown = broken_picture(data, ORIGINAL_SIDE)
        return None if shown is None else Views(shown, None, None)

    def _has_changed(self, path: str) -> bool:
        """Whether the file was written to since the run began; of one in a bucket nobody asks."""
        if self._started is None or "://" in self._source.address:
            return False
        try:
            stat = os.stat(os.path.join(self._source.address, to_system(from_csv(path))))
        except OSError:
            return False
        return stat.st_mtime >= self._started.timestamp() + 1  # a run notes the second


def may_have_failed(row: ReviewRow) -> bool:
    """Whether the model may have had no picture; what was decided since stands for the reason."""
    is_unread = row.status == Status.DECIDED and row.label is None
    return row.status == Status.FAILED or is_unread


def _may_be_huge(row: ReviewRow) -> bool:
    if row.decision == Decision.IGNORE:
        return True
    return any(reason.code in _HUGE for reason in row.reasons)
