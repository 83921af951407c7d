"""A compressed file as what it holds; going back in it begins from its start."""

import gzip
from typing import BinaryIO, Final, cast

_GZIP: Final = b"\x1f\x8b"


def uncompressed(file: BinaryIO) -> BinaryIO:
    """What `file`, read from its start, holds: itself where it is not compressed."""
    file.seek(0)
    start = file.read(len(_GZIP))
    file.seek(0)
    if start == _GZIP:
        return cast(BinaryIO, gzip.GzipFile(fileobj=file))
    return file
