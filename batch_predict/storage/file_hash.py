"""The sha256 of a file, of any size: no more than a part of it is in memory."""

from hashlib import file_digest

from batch_predict.storage.registry import Source
from batch_predict.storage.regular_file import open_regular
from batch_predict.storage.system_names import to_system
from batch_predict.tables.csv_paths import from_csv


def file_sha256(path: str) -> str:
    """That of the file at `path`, in hexadecimal; raises OSError, also where it is no file."""
    with open_regular(path) as file:
        return file_digest(file, "sha256").hexdigest()


def picture_sha256(source: Source, path: str) -> bytes | None:
    """That of the picture at `path`, as the CSV writes it, 32 bytes; None: it can't be read."""
    name = from_csv(path)
    try:
        file = source.open(name if "://" in source.address else to_system(name))
        if file is None:
            return None
        with file:
            return file_digest(file, "sha256").digest()
    except OSError:
        return None
