"""What the page shows of one picture."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from batch_predict.errors import printable
from batch_predict.records import ImageRef, Status
from batch_predict.report.pictures import Pictures, Thumbnails, thumbnails
from batch_predict.review.queue import Doubt
from batch_predict.storage import Content, Storage

ORIGINAL_SIDE: Final = 320  # pixels, the longer side: large enough to read a digit on any screen


@dataclass(frozen=True)
class Card:
    """One picture of the queue, with all that the page says of it."""

    row: Doubt
    content: str | None  # sha256 of the file's bytes, 64 hex digits; None: it can't be read
    thumbnails: Thumbnails | None  # None: it can't be shown

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
            "original": shown and shown.original,
            "maps": shown and shown.maps,
            "prepared": shown and shown.prepared,
            "readings": [[each.kind, *each.answer] for each in shown.readings] if shown else [],
        }


def cards(rows: Iterable[Doubt], storage: Storage, pictures: Pictures) -> Iterator[Card]:
    """The cards of `rows`, in their order, of pictures that lie in `storage`."""
    rows = list(rows)
    contents = storage.read_each(ImageRef(row.path) for row in rows)
    for row, content in zip(rows, contents, strict=True):
        yield _card(row, content, pictures)


def _card(row: Doubt, content: Content, pictures: Pictures) -> Card:
    if isinstance(content, OSError):
        return Card(row, None, None)
    # A file that failed may have crashed its decoder or hung it, so it is not decoded here.
    views = None if row.status == Status.FAILED else pictures(row.path)
    shown = thumbnails(views, ORIGINAL_SIDE) if views else None
    return Card(row, hashlib.sha256(content).hexdigest(), shown)
