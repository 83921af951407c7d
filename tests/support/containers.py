"""The same pictures in every form that a run reads them from."""

import io
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np

from batch_predict.records import SIDE
from tests.conftest import noise
from tests.support.idx import idx

HEADER: Final = b"P5 28 28 255\n"
#: names in the order of the written paths, so that numbers have the same order
PICTURES: Final[Mapping[str, bytes]] = {
    name: HEADER + noise(seed).tobytes()
    for seed, name in enumerate(
        ("1.pgm", "3/a b.pgm", "3/c.pgm", "7/deep/e.pgm", "7/é☃.pgm", "back\\slash.pgm", "z.pgm")
    )
}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip archive of `files`."""
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    """A tar archive of `files`."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


def as_parquet(files: Mapping[str, bytes]) -> bytes:
    """A table of `files` in Hugging Face's form, its groups of rows smaller than it."""
    import pyarrow as pa
    from pyarrow import parquet

    images = [{"bytes": content, "path": name} for name, content in files.items()]
    made = io.BytesIO()
    parquet.write_table(pa.table({"image": images}), made, row_group_size=3)
    return made.getvalue()


def as_idx(files: Mapping[str, bytes]) -> bytes:
    """MNIST's own form of `files`, which are all of its size."""
    pixels = b"".join(content.removeprefix(HEADER) for content in files.values())
    return idx(np.frombuffer(pixels, np.uint8).reshape(-1, SIDE, SIDE))


class Container(NamedTuple):
    """How files become one, and what that is called."""

    make: Callable[[Mapping[str, bytes]], bytes]
    name: str
    has_names: bool  # whether its members are named, or numbered


CONTAINERS: Final[Mapping[str, Container]] = {
    "zip": Container(zipped, "in.zip", True),
    "tar": Container(tarred, "in.tar", True),
    "Parquet": Container(as_parquet, "in.parquet", False),
    "IDX": Container(as_idx, "in-images-idx3-ubyte", False),
}


def put(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write `files` below `folder`."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
