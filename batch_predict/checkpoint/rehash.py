"""Pictures that a person decided on are hashed anew: a decision holds for the bytes it was made on.

A kept row is of a file of the same size and version; its bytes may be others all the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import Final

from batch_predict.checkpoint.checkpoint_file import Checkpoint
from batch_predict.records import ImageRef
from batch_predict.storage import Source
from batch_predict.storage.file_hash import picture_sha256

_AT_ONCE: Final = 64  # files, whose latency is hidden where a store has much of it
_SMALL_BYTES: Final = 256 << 10  # of a file that is read whole, beside others: 16 MiB in all


def forget_changed(checkpoint: Checkpoint, source: Source, paths: Iterable[str]) -> None:
    """Have those pictures at `paths` scored anew whose bytes are not those that were scored.

    One that can't be read now is among them: its new row says why.

    Raises:
        OutputError: the checkpoint can't be written.
    """
    for refs in _scored(checkpoint, paths):
        now = _contents(source, refs)
        checkpoint.forget(
            ref.path
            for ref in refs
            if ref.content_sha256 is None or now[ref.path] != ref.content_sha256
        )


def add_contents(checkpoint: Checkpoint, source: Source, paths: Iterable[str]) -> None:
    """Keep the contents of those pictures at `paths` that nobody read whole for scoring.

    They are too large, or ended their worker, and a person may know of them.

    Raises:
        OutputError: the checkpoint can't be written.
    """
    for refs in _scored(checkpoint, paths):
        unread = [ref for ref in refs if ref.content_sha256 is None]
        checkpoint.set_contents(
            {path: now for path, now in _contents(source, unread).items() if now is not None}
        )


def _scored(checkpoint: Checkpoint, paths: Iterable[str]) -> Iterator[list[ImageRef]]:
    """Those of `paths` that have a row, some at a time."""
    left = iter(paths)
    while some := list(islice(left, _AT_ONCE)):
        yield checkpoint.scored(some)


def _contents(source: Source, refs: Sequence[ImageRef]) -> dict[str, bytes | None]:
    """The sha256 of the file of each of `refs`, by path; None where it can't be read."""
    small = [ref for ref in refs if ref.size is not None and ref.size <= _SMALL_BYTES]
    found = {ref.path: picture_sha256(source, ref.path) for ref in refs if ref not in small}
    for ref, content in zip(small, source.read_each(small), strict=True):
        found[ref.path] = sha256(content).digest() if isinstance(content, bytes) else None
    return found
