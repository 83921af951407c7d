"""What a file's name says of it: a picture, or the category that it is skipped and counted as."""

import os
from typing import Final

from batch_predict.storage.exclusion import system_category

PICTURE_SUFFIXES: Final = frozenset(
    ".png .apng .jpg .jpeg .jpe .jfif .mpo .tif .tiff .gif .webp .bmp .dib .pbm .pgm .ppm .pnm"
    " .pam .pfm .ico .avif .jp2 .j2k .tga .pcx .heic .heif".split()
)
APPLE_DOUBLE: Final = "._"  # what macOS leaves beside a file where it can keep no metadata
BACKUP_ENDINGS: Final = ("~", ".bak", ".swp", ".tmp")


def hidden_category(name: str) -> str | None:
    """The category of a file or folder of this name if it is hidden; None if not."""
    if not name.startswith("."):
        return None
    return "AppleDouble" if name.startswith(APPLE_DOUBLE) else "hidden"


def name_category(name: str, all_files: bool) -> str | None:
    """The category of a file of this name, which is not hidden; None for a picture."""
    if os.path.splitext(name)[1].lower() in PICTURE_SUFFIXES:
        return None
    system = system_category(name, is_folder=False)
    if all_files or system is not None:
        return system
    return "backup" if name.endswith(BACKUP_ENDINGS) else "other file"
