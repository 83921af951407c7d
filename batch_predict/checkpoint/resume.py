"""What an earlier run has scored already: a run goes on from it, or sets it aside and says why."""

import logging
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain, count
from typing import Final

from batch_predict.checkpoint.checkpoint_file import Checkpoint
from batch_predict.checkpoint.database import remove
from batch_predict.checkpoint.integrity import UnusableError, damaged_rows, intact_rows
from batch_predict.checkpoint.schema import Fingerprint
from batch_predict.errors import OutputError, causes
from batch_predict.options import Options
from batch_predict.plural import plural
from batch_predict.storage.output_paths import cache_file, checkpoint_file
from batch_predict.storage.regular_file import open_regular

_LOGGER: Final = logging.getLogger(__name__)
_DATABASE: Final = b"SQLite format 3\0"  # how a checkpoint begins


@contextmanager
def open_checkpoint(options: Options, ours: Fingerprint) -> Iterator[Checkpoint]:
    """That of a run that was cut short, or with `--incremental` the cache; else a new one.

    A file that a run can't go on with stays where it is until there is a row to put in its place:
    a wrong folder or model costs no cache.

    Raises:
        OutputError: a file can't be read, renamed or written.
    """
    target, cache = checkpoint_file(options.output), cache_file(options.output)
    try:
        remove(_temporary(target))  # what a kill may have left
    except OSError as error:
        raise OutputError(f"can't remove {error.filename}: {error.strerror}") from error
    stale: dict[str, UnusableError] = {}
    for path in (target, *([cache] if options.incremental else [])):
        if not os.path.exists(path):
            continue
        try:
            damaged, total = damaged_rows(path, ours)
        except UnusableError as error:
            stale[path] = error
            continue
        _set_all_aside(stale)
        if damaged:
            verb = "is" if damaged == 1 else "are"
            words = f"{damaged} of its {plural(total, 'row')} {verb} damaged, and scored again"
            _restore(path, target, ours, words)
        else:
            _rename(path, target)
        with Checkpoint(target, ours) as checkpoint:
            if options.incremental and not checkpoint.has_finished and os.path.exists(cache):
                _take_over(cache, checkpoint, ours)
            yield checkpoint
        return
    with _new(target, ours, stale) as checkpoint:
        for path, why in stale.items():
            if why.is_of_same_folder:
                checkpoint.adopt_finished(path)
        yield checkpoint


def adopt_all(options: Options, ours: Fingerprint, checkpoint: Checkpoint, folder: str) -> None:
    """Add to `checkpoint`, a temporary one in `folder`, what a run would go on from.

    What lies on the disk stays as it is: of a file with a journal, which whoever opens it plays
    back, a copy in `folder` is read. What would be set aside is said.

    Raises:
        OutputError: a file can't be read.
    """
    cache = [cache_file(options.output)] if options.incremental else []
    for path in filter(os.path.exists, (checkpoint_file(options.output), *cache)):
        read = _unlogged(path, folder)
        try:
            damaged_rows(read, ours)
            checkpoint.adopt(intact_rows(read))
        except UnusableError as error:
            _LOGGER.warning("%s would be set aside: %s", path, error)
            if not error.is_of_same_folder:
                continue
        checkpoint.adopt_finished(read)


def _unlogged(path: str, folder: str) -> str:
    """`path`, or where it has a journal a copy of both in `folder`."""
    if not os.path.exists(f"{path}-journal"):
        return path
    copy = os.path.join(folder, os.path.basename(path))
    try:
        for end in ("", "-journal"):
            shutil.copyfile(f"{path}{end}", f"{copy}{end}")
    except OSError as error:
        raise OutputError(f"can't copy the work file {path}: {error.strerror}") from error
    return copy


def _new(target: str, ours: Fingerprint, stale: Mapping[str, UnusableError]) -> Checkpoint:
    """A new checkpoint, which comes to `target` when the `stale` ones are set aside."""
    if not stale:
        return Checkpoint(target, ours)

    def settle() -> str:
        _set_all_aside(stale)
        _rename(_temporary(target), target)
        return target

    return Checkpoint(_temporary(target), ours, settle)


def close_checkpoint(options: Options, checkpoint: Checkpoint) -> None:
    """After a finished run: keep its rows as the cache with `--incremental`, else drop them.

    What has been a cache stays one.

    Raises:
        OutputError: the file can't be renamed.
    """
    path = checkpoint_file(options.output)
    if not checkpoint.is_settled or not os.path.exists(path):  # an empty shard has none
        return
    if options.incremental or checkpoint.has_finished:
        cache = cache_file(options.output)
        if not _is_ours(cache):  # it was not looked at where there was a checkpoint to go on from
            _set_aside(cache, "it is no cache")
        _rename(path, cache)
        return
    try:
        remove(path)
    except OSError as error:  # all else is in place, and the next run can go on from it
        _LOGGER.warning("can't remove %s: %s", path, error.strerror)


def _take_over(cache: str, checkpoint: Checkpoint, ours: Fingerprint) -> None:
    """Add to the checkpoint of a run without `--incremental` what the cache holds."""
    try:
        damaged_rows(cache, ours)
        checkpoint.adopt(intact_rows(cache))
    except UnusableError as error:
        if not error.is_of_same_folder:
            return
    checkpoint.adopt_finished(cache)


def _temporary(target: str) -> str:
    """Where a checkpoint lies until the one in its place is set aside."""
    return f"{target}.new"


def _set_all_aside(stale: Mapping[str, UnusableError]) -> None:
    for path, error in stale.items():
        _set_aside(path, str(error))
        for cause in causes(error):
            _LOGGER.info("caused by %s", cause)


def _set_aside(path: str, why: str) -> None:
    names = chain([f"{path}.old"], (f"{path}.old.{number}" for number in count(2)))
    aside = next(filter(_is_ours, names))
    _rename(path, aside)
    _LOGGER.warning("%s is set aside as %s: %s", path, aside, why)


def _is_ours(path: str) -> bool:
    """Whether what lies at `path` may be replaced: nothing, an empty file, or a database."""
    try:
        with open_regular(path) as file:
            return file.read(len(_DATABASE)) in (b"", _DATABASE)
    except FileNotFoundError:
        return True
    except OSError:
        return False


def _restore(path: str, target: str, ours: Fingerprint, why: str) -> None:
    """Make a checkpoint at `target` of what is intact in the one at `path`, which is set aside."""
    new = _temporary(target)
    with Checkpoint(new, ours) as restored:
        restored.adopt(intact_rows(path))
        restored.adopt_finished(path)
    _set_aside(path, why)
    if os.path.exists(new):  # it is gone where nothing was intact
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
