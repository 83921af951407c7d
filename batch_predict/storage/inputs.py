"""What a run reads its pictures from: a folder, a bucket, an archive or one picture."""

import os
from functools import cache

from batch_predict.errors import InputError
from batch_predict.storage.archive_names import is_archive_name
from batch_predict.storage.overlooked import START
from batch_predict.storage.picture_names import PICTURE_SUFFIXES, name_category
from batch_predict.storage.registry import Source, open_storage


def open_input(in_dir: str, *, archives: bool = False) -> Source:
    """The folder, bucket, archive or picture at `in_dir`; `archives` in a folder are opened, too.

    Raises:
        InputError: it is a file that can't be opened, or is neither.
        UsageError, MissingExtraError: as `open_storage`.
    """
    return _open(in_dir, archives, os.getpid())  # connections do not survive a fork


@cache
def _open(in_dir: str, archives: bool, process: int) -> Source:
    source = _open_file(in_dir) if _may_be_file(in_dir) else None
    if source is not None:
        return source
    storage = open_storage(in_dir)
    if not archives:
        return storage
    from batch_predict.storage.archives.sources import WithArchives

    return WithArchives(in_dir, storage)


def _may_be_file(in_dir: str) -> bool:
    if "://" not in in_dir:
        return os.path.isfile(in_dir)
    suffix = os.path.splitext(in_dir)[1].lower()
    return is_archive_name(in_dir) or suffix in PICTURE_SUFFIXES


def _open_file(in_dir: str) -> Source | None:
    """The source that is the one file at `in_dir`; None where there is none."""
    from batch_predict.decode.signatures import is_like_picture
    from batch_predict.storage.archives.kinds import kind_of
    from batch_predict.storage.archives.sources import ArchiveFile, SingleFile
    from batch_predict.storage.system_names import from_system
    from batch_predict.tables.csv_paths import to_csv

    folder, name = os.path.split(in_dir)
    storage = open_storage(folder)
    file = storage.found(to_csv(name if "://" in in_dir else from_system(name)))
    if file is None:
        return None
    try:
        with storage.open_found(file).file as opened:
            kind = kind_of(opened, name)
            start = opened.read(START)
    except OSError as error:
        raise InputError(f"can't read {in_dir}: {error.strerror or error}") from error
    if kind is not None:
        return ArchiveFile(in_dir, storage, file)
    if name_category(name, all_files=False) is not None and not is_like_picture(start):
        raise InputError(f"{in_dir} is no folder, archive or picture")
    return SingleFile(in_dir, storage, file)
