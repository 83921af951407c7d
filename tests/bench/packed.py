"""The pictures of a folder in one file: an archive, a table."""

import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final
from zipfile import ZipFile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from batch_predict.records import SIDE
from tests.support.idx import idx

_ROWS: Final = 1000  # of a group of a table's


def packed(pictures: Path, folder: Path) -> dict[str, Path]:
    """Files in `folder` that each hold the `pictures` of a folder, by what they are."""
    folder.mkdir(exist_ok=True)
    made = {}
    for name, (suffix, pack) in _PACKS.items():
        made[name] = folder / f"{pictures.name}{suffix}"
        pack(sorted(pictures.iterdir()), made[name])
    return made


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
    pixels = [np.asarray(picture.resize((SIDE, SIDE))) for picture in pictures]
    target.write_bytes(idx(np.stack(pixels)))


#: the layout -> the suffix of its files, and what makes one
_PACKS: Final[Mapping[str, tuple[str, Callable[[list[Path], Path], None]]]] = MappingProxyType(
    {
        "a tar": (".tar", _to_tar),
        "a zip": (".zip", _to_zip),
        "Parquet": (".parquet", _to_parquet),
        "IDX": ("-images-idx3-ubyte", _to_idx),
    }
)
