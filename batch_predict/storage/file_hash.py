"""The hash of a picture's file, of any size."""

from hashlib import file_digest

from batch_predict.storage.registry import Source
from batch_predict.storage.system_names import to_system
from batch_predict.tables.csv_paths import from_csv


def file_hash(source: Source, path: str) -> bytes | None:
    """The sha256, 32 bytes, of the file at `path`, as the CSV writes it; None: it can't be read.

    No more than a part of it is in memory.
    """
    name = from_csv(path)
    try:
        file = source.open(name if "://" in source.address else to_system(name))
        if file is None:
            return None
        with file:
            return file_digest(file, "sha256").digest()
    except OSError:
        return None
