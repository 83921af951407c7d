"""What an earlier run has scored already: a run goes on from it, or sets it aside and says why."""

import logging
import os
from contextlib import suppress
from functools import partial
from typing import Final

from batch_predict.checkpoint.checkpoint_file import Checkpoint, remove
from batch_predict.checkpoint.integrity import UnusableError, damaged_rows, intact_rows
from batch_predict.checkpoint.schema import Fingerprint
from batch_predict.errors import OutputError, causes
from batch_predict.options import Options
from batch_predict.storage.output_paths import cache_file, checkpoint_file

_LOGGER: Final = logging.getLogger(__name__)


def open_checkpoint(options: Options, ours: Fingerprint) -> Checkpoint:
    """That of a run that was cut short, or with `--incremental` the cache; else a new one.

    Raises:
        OutputError: a file can't be read, renamed or written.
    """
    target, cache = checkpoint_file(options.output), cache_file(options.output)
    for path in (target, *([cache] if options.incremental else [])):
        if not os.path.exists(path):
            continue
        try:
            damaged, total = damaged_rows(path, ours)
        except UnusableError as error:
            _set_aside(path, str(error), error)
            continue
        if damaged:
            words = f"{damaged} of its {total} rows are damaged, and scored again"
            _restore(path, target, ours, words)
        else:
            _rename(path, target)
        break
    return Checkpoint(target, ours)


def close_checkpoint(options: Options) -> None:
    """After a finished run: keep its rows as the cache with `--incremental`, else drop them.

    Raises:
        OutputError: the file can't be renamed.
    """
    path = checkpoint_file(options.output)
    if options.incremental and os.path.exists(path):  # an empty shard has none
        _rename(path, cache_file(options.output))
    else:
        try:
            remove(path)
        except OSError as error:  # all else is in place, and the next run can go on from it
            _LOGGER.warning("can't remove %s: %s", path, error.strerror)


def _set_aside(path: str, why: str, error: BaseException | None = None) -> None:
    _rename(path, f"{path}.old")
    _LOGGER.warning("%s is set aside as %s.old: %s", path, path, why)
    for cause in causes(error) if error else ():
        _LOGGER.info("caused by %s", cause)


def _restore(path: str, target: str, ours: Fingerprint, why: str) -> None:
    """Make a checkpoint at `target` of what is intact in the one at `path`, which is set aside."""
    new = f"{target}.new"
    remove(new)  # what a kill may have left
    with Checkpoint(new, ours) as restored:
        restored.adopt(intact_rows(path))
    _set_aside(path, why)
    if os.path.exists(new):  # it is gone where no row is intact
        _rename(new, target)


def _rename(path: str, target: str) -> None:
    """Rename a closed checkpoint, with the journal that a kill may have left."""
    if path == target:
        return
    try:
        for move in (os.unlink, partial(os.replace, f"{path}-journal")):
            with suppress(FileNotFoundError):
                move(f"{target}-journal")  # a stale one would be played back into the new file
        os.replace(path, target)
    except OSError as error:
        raise OutputError(f"can't rename {path}: {error.strerror}") from error
