"""The pictures of a folder in one file: an archive, a table."""

import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final
from zipfile import ZipFile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from batch_predict.records import SIDE

_ROWS: Final = 1000  # of a group of a table's
_IDX_OF_BYTES: Final = 0x0803  # the first number of an IDX file of bytes in three dimensions


def packed(few: Path, many: Path, folder: Path) -> Iterator[tuple[str, Path, Path]]:
    """The pictures packed into files in `folder`: a name, `few` and `many`."""
    folder.mkdir()
    for name, (suffix, pack) in _PACKS.items():
        pair = [folder / f"{source.name}{suffix}" for source in (few, many)]
        for source, target in zip((few, many), pair, strict=True):
            pack(sorted(source.iterdir()), target)
        yield name, pair[0], pair[1]


def _to_tar(files: list[Path], target: Path) -> None:
    with tarfile.open(target, "w") as tar:
        for file in files:
            tar.add(file, file.name)


def _to_zip(files: list[Path], target: Path) -> None:
    with ZipFile(target, "w") as archive:
        for file in files:
            archive.write(file, file.name)


def _to_parquet(files: list[Path], target: Path) -> None:
    images = pa.array([{"bytes": file.read_bytes(), "path": file.name} for file in files])
    pq.write_table(pa.table({"image": images}), target, row_group_size=_ROWS)


def _to_idx(files: list[Path], target: Path) -> None:
    pictures = (Image.open(file).convert("L") for file in files)
    pixels = np.stack([np.asarray(picture.resize((SIDE, SIDE))) for picture in pictures])
    head = np.array([_IDX_OF_BYTES, *pixels.shape], ">u4")
    target.write_bytes(head.tobytes() + pixels.tobytes())


#: the layout -> the suffix of its files, and what makes one
_PACKS: Final[Mapping[str, tuple[str, Callable[[list[Path], Path], None]]]] = MappingProxyType(
    {
        "a tar": (".tar", _to_tar),
        "a zip": (".zip", _to_zip),
        "Parquet": (".parquet", _to_parquet),
        "IDX": ("-images-idx3-ubyte", _to_idx),
    }
)
