"""Where pictures lie: their bytes, by the path that the CSV writes."""

import os

from batch_predict.paths import from_csv


def read(in_dir: str, path: str) -> bytes:
    """The whole content of the file at `path` (CSV form) in `in_dir`.

    Raises:
        OSError: as `open` and `read` raise it.
    """
    name = os.path.join(in_dir, from_csv(path))
    with open(name, "rb", buffering=0, opener=_without_waiting) as file:
        return file.read() or b""  # None: a pipe that nobody has written to


def _without_waiting(name: str, flags: int) -> int:
    """Open as asked; a pipe put in a file's place since the walk must not block for ever."""
    return os.open(name, flags | os.O_NONBLOCK)
