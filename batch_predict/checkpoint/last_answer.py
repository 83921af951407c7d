"""A run over a list of files: what earlier runs answered, and the list does not name, stays."""

from collections.abc import Iterable, Iterator

from batch_predict.checkpoint.checkpoint_file import Checkpoint
from batch_predict.records import ImageRef
from batch_predict.storage import Source


def keep_last_answer(checkpoint: Checkpoint, source: Source, *, is_local: bool) -> None:
    """Add to the stored walk what has a row of an earlier run.

    What has none that can be used again, for the model is another one now or the file could not be
    read, is added to be scored: of a store that is not local, without asking whether it is there.

    Raises:
        OutputError: the checkpoint can't be written.
    """
    checkpoint.store_answered()
    for paths in checkpoint.unanswered():
        checkpoint.add_to_walk(_found(source, paths) if is_local else map(ImageRef, paths))


def _found(source: Source, paths: Iterable[str]) -> Iterator[ImageRef]:
    for path in paths:
        try:
            ref = source.found(path)
        except OSError:  # reading it will say so
            ref = ImageRef(path)
        if ref is not None:
            yield ref
