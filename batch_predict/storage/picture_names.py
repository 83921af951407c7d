"""What a file's name says of it: a picture, or why it is left out."""

import os
from typing import Final

PICTURE_SUFFIXES: Final = frozenset(
    ".png .apng .jpg .jpeg .jpe .jfif .mpo .tif .tiff .gif .webp .bmp .dib .pbm .pgm .ppm .pnm"
    " .ico .avif .jp2 .j2k .tga .pcx .heic .heif".split()
)
APPLE_DOUBLE: Final = "._"  # what macOS leaves beside a file where it can keep no metadata
BACKUP_ENDINGS: Final = ("~", ".bak", ".swp", ".tmp")


def kind_of_hidden(name: str) -> str | None:
    """Why a file or folder of this name is left out for being hidden; None where it is not."""
    if not name.startswith("."):
        return None
    return "AppleDouble" if name.startswith(APPLE_DOUBLE) else "hidden"


def kind_of_name(name: str, all_files: bool) -> str | None:
    """Why a file of this name, which is not hidden, is left out; None for a picture."""
    if all_files or os.path.splitext(name)[1].lower() in PICTURE_SUFFIXES:
        return None
    return "backup" if name.endswith(BACKUP_ENDINGS) else "other file"
