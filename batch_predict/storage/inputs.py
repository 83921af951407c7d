"""What a run reads its pictures from: a folder, a bucket, an archive or one picture."""

import os
from functools import lru_cache
from typing import TYPE_CHECKING

from batch_predict.errors import InputError
from batch_predict.storage.archive_names import is_archive_name
from batch_predict.storage.overlooked import START
from batch_predict.storage.picture_names import PICTURE_SUFFIXES, name_category
from batch_predict.storage.registry import Source, Storage, open_storage

if TYPE_CHECKING:  # NumPy: not before the command line is right
    from batch_predict.records import ImageRef


def open_input(in_dir: str, *, archives: bool = False) -> Source:
    """The folder, bucket, archive or picture at `in_dir`; `archives` in a folder are opened, too.

    Raises:
        InputError: it is a file that can't be opened, or is neither.
        UsageError, MissingExtraError: as `open_storage`.
    """
    return _open(
        in_dir, archives, _may_be_file(in_dir), os.getpid()
    )  # connections do not survive a fork


@lru_cache
def _open(in_dir: str, archives: bool, may_be_file: bool, process: int) -> Source:
    source = _open_file(in_dir) if may_be_file else None
    if source is not None:
        return source
    storage = open_storage(in_dir)
    if not archives:
        return storage
    from batch_predict.storage.archives.with_archives import WithArchives

    return WithArchives(storage, storage)


def _may_be_file(in_dir: str) -> bool:
    if "://" not in in_dir:
        return os.path.isfile(in_dir)
    suffix = os.path.splitext(in_dir)[1].lower()
    return is_archive_name(in_dir) or suffix in PICTURE_SUFFIXES


def _open_file(in_dir: str) -> Source | None:
    """The source that is the one file at `in_dir`; None where there is none."""
    from batch_predict.storage.archives.reader import NoArchiveError
    from batch_predict.storage.archives.with_archives import OneArchive
    from batch_predict.storage.single_file import SingleFile
    from batch_predict.storage.system_names import from_system
    from batch_predict.tables.csv_paths import to_csv

    folder, name = os.path.split(in_dir)
    storage = open_storage(folder)
    path = to_csv(name if "://" in in_dir else from_system(name))
    file = storage.found(path)
    if file is None:
        return None
    archive = OneArchive(in_dir, storage, path)
    try:
        archive.opened(file)
    except NoArchiveError:
        _check_picture(in_dir, storage, file)
        return SingleFile(in_dir, storage, path)
    except OSError as error:
        raise InputError(f"can't open {in_dir}: {error.strerror or error}") from error
    return archive


def _check_picture(in_dir: str, storage: Storage, file: "ImageRef") -> None:
    """Raises InputError where `file`, at `in_dir`, has neither the name nor the start of one."""
    from batch_predict.decode.signatures import is_like_picture

    if name_category(os.path.basename(in_dir), all_files=False) is None:
        return
    try:
        with storage.open_found(file).file as opened:
            start = opened.read(START)
    except OSError as error:
        raise InputError(f"can't open {in_dir}: {error.strerror or error}") from error
    if not is_like_picture(start):
        raise InputError(f"{in_dir} is no folder, archive or picture")
