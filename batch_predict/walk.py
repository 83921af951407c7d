"""in_dir -> the picture files in it, in the order of the CSV."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from batch_predict.errors import InputError
from batch_predict.paths import escape, to_csv
from batch_predict.records import ImageRef

PICTURE_SUFFIXES: Final = frozenset(
    ".png .apng .jpg .jpeg .jpe .jfif .mpo .tif .tiff .gif .webp .bmp .dib .pbm .pgm .ppm .pnm"
    " .ico .avif .jp2 .j2k .tga .pcx .heic .heif".split()
)
BACKUP_ENDINGS: Final = ("~", ".bak", ".swp", ".tmp")


class Walk:
    """Iterates over the picture files below `in_dir`.

    A folder that can't be listed comes as a ref whose path ends in `/`. `left_out` counts what is
    passed over, by kind. `own` holds the real paths of the program's own outputs.

    Raises:
        InputError: `in_dir` is missing, no folder, or can't be listed.
    """

    def __init__(self, in_dir: str, own: Iterable[str]) -> None:
        self.in_dir = in_dir
        self.left_out: Counter[str] = Counter()
        self._own = {os.path.basename(path): path for path in own}
        try:
            self._top = _entries(in_dir)
        except OSError as error:
            raise InputError(f"can't list {in_dir}: {error.strerror}") from error

    def __iter__(self) -> Iterator[ImageRef]:
        """Refs without truth, sorted by `path`, code point by code point."""
        return self._below("", self._top)

    def _below(self, prefix: str, entries: list[os.DirEntry[str]]) -> Iterator[ImageRef]:
        written = escape if prefix else to_csv
        # A folder sorts as `name/`, so that siblings come in the order of whole paths.
        named = sorted(
            (written(e.name) + ("/" if e.is_dir(follow_symlinks=False) else ""), e) for e in entries
        )
        for name, entry in named:
            if self._leave_out(entry):
                continue
            path = prefix + name
            if not name.endswith("/"):
                yield ImageRef(path, *_size_and_mtime(entry), None)
                continue
            try:
                inside = _entries(entry.path)
            except OSError:
                yield ImageRef(path, 0, 0, None)
                continue
            yield from self._below(path, inside)

    def _leave_out(self, entry: os.DirEntry[str]) -> bool:
        """Whether `entry` is no picture; counted by the first kind that fits."""
        kind = _kind(entry, self._own)
        if kind is not None:
            self.left_out[kind] += 1
        return kind is not None


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(entries)


def _size_and_mtime(entry: os.DirEntry[str]) -> tuple[int, int]:
    try:
        stat = entry.stat()
    except OSError:  # it went away meanwhile; reading it will say so
        return 0, 0
    return stat.st_size, stat.st_mtime_ns


def _kind(entry: os.DirEntry[str], own: Mapping[str, str]) -> str | None:
    """Why `entry` is left out; None for a picture or a folder to walk."""
    is_folder = entry.is_dir(follow_symlinks=False)
    suffix = os.path.splitext(entry.name)[1].lower()
    kinds = {
        "hidden": entry.name.startswith("."),
        "own output": entry.name in own and os.path.realpath(entry.path) == own[entry.name],
        "backup": not is_folder and entry.name.endswith(BACKUP_ENDINGS),
        "linked folder": not is_folder and entry.is_dir(),
        "special file or broken link": not entry.is_dir() and not entry.is_file(),
        "other file": not entry.is_dir() and suffix not in PICTURE_SUFFIXES,
    }
    return next((kind for kind, fits in kinds.items() if fits), None)
