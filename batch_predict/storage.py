"""Where pictures lie: their bytes, by the path that the CSV writes."""

import os

from batch_predict.paths import from_csv


def read(in_dir: str, path: str) -> bytes:
    """The whole content of the file at `path` (CSV form) in `in_dir`.

    Raises:
        OSError: as `open` and `read` raise it.
    """
    with open(os.path.join(in_dir, from_csv(path)), "rb", buffering=0) as file:
        return file.read()
