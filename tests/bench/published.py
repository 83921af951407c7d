"""Published sets of handwritten digits, of which a reader has the files: MNIST, QMNIST, and so on.

Nothing is downloaded. Only what others learn nothing from is read: the test part of each.
"""

import bz2
import gzip
import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from batch_predict.records import CLASSES

# What QMNIST's test digits begin with is MNIST's test set, restored; the others are new.
_OF_MNIST: Final = 10_000
_IDX_TYPES: Final = {0x08: np.dtype("u1"), 0x0C: np.dtype(">i4")}
_NAMES: Final = {  # of the pictures' and of the labels' file, without .gz
    "MNIST": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
    "QMNIST": ("qmnist-test-images-idx3-ubyte", "qmnist-test-labels-idx2-int"),
}
#: of pictures and of labels, in the folder of a family; beside them lie those of training
_MNIST_C: Final = ("test_images.npy", "test_labels.npy")
_USPS_SIDE, _OPTDIGITS_SIDE, _OPTDIGITS_MOST = 16, 8, 16

_TORCHVISION: Final = "torchvision's md5"
#: a file's name -> its hash as published, and by whom
_PUBLISHED: Final = {
    "t10k-images-idx3-ubyte.gz": ("9fb629c4189551a2d022fa330f9573f3", _TORCHVISION),
    "t10k-labels-idx1-ubyte.gz": ("ec29112dd5afa0611ce80d1b7f02629c", _TORCHVISION),
    "qmnist-test-images-idx3-ubyte.gz": ("1394631089c404de565df7b7aeaf9412", _TORCHVISION),
    "qmnist-test-labels-idx2-int.gz": ("5b5b05890a5e13444e108efe57b788aa", _TORCHVISION),
    "usps.t.bz2": ("8ea070ee2aca1ac39742fdd1ef5ed118", _TORCHVISION),
    "mnist_c.zip": (
        "af9ee8c6a815870c7fdde5af84c7bf8db0bcfa1f41056db83871037fba70e493",
        "MLDatasets.jl's sha256",
    ),
}
#: the sha256 of pixels and labels, whatever file held them -> what was seen to be the same
_CONTENTS: Final = {
    "c3f9adf9c66efb572b1f9326c3a511b45910c7173b97be66ceceeeeaef6b802b": (
        "as published, by the md5 of the original IDX files"
    ),
    "a19cb3d96bba7deace8ee5a513a6eb7bad0403d528f00bf4d351b6a7a55baa91": (
        "as published, by scikit-learn's copy of UCI's test digits"
    ),
}
AS: Final = "as published"
UNCHECKED: Final = "unchecked: no hash of it is known"
OTHER: Final = "not as published"


class DataError(Exception):
    """A path that a user gave holds no such set."""


class File(NamedTuple):
    """A file that was read."""

    name: str
    sha256: str
    checked: str  # AS and by what, OTHER and by what, or UNCHECKED


class Published(NamedTuple):
    """A set as its files have it."""

    pixels: NDArray[np.uint8]  # (n, h, w), light on dark
    labels: NDArray[np.uint8]  # (n,), 0 to 9
    files: tuple[File, ...]
    checked: str  # as in `File`, of all of it


def read(kind: str, path: Path) -> dict[str, Published]:
    """The sets of `kind` that lie at `path`, by name: one, but for MNIST-C, whose families are
    sets.

    Raises:
        DataError: there is no such file, or it is of another form.
    """
    try:
        return dict(_KINDS[kind](path))
    except FileNotFoundError as error:
        raise DataError(f"{kind}: there is no {error.filename or path}") from error
    except _UNREADABLE as error:
        raise DataError(f"{kind}: can't read {path}: {error}") from error


_UNREADABLE: Final = (
    *(OSError, ValueError, LookupError, EOFError, AttributeError, TypeError, struct.error),
    *(zipfile.BadZipFile, zlib.error),
)


def optdigits_of_scikit_learn() -> Published:
    """UCI's optdigits, test part, which comes with scikit-learn."""
    digits = load_digits()
    return _published(_scaled(digits.images / _OPTDIGITS_MOST), digits.target, [])


def _mnist(path: Path) -> Iterator[tuple[str, Published]]:
    """Keras's `mnist.npz`, or a folder of IDX files."""
    if path.is_dir():
        yield "MNIST", _idx_pair(path, "MNIST")
        return
    content = path.read_bytes()
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            pixels, labels = arrays["x_test"], arrays["y_test"]
    except _UNREADABLE as error:
        raise ValueError("neither an npz with x_test and y_test nor a folder of IDX") from error
    yield "MNIST", _published(pixels, labels, [_file(path.name, content)])


def _qmnist(path: Path) -> Iterator[tuple[str, Published]]:
    """A folder of IDX files: the 50,000 test digits that MNIST's test set has not."""
    found = _idx_pair(path, "QMNIST")
    new = slice(_OF_MNIST if len(found.labels) > _OF_MNIST else 0, None)
    yield "QMNIST", found._replace(pixels=found.pixels[new], labels=found.labels[new])


def _idx_pair(folder: Path, kind: str) -> Published:
    arrays, files = [], []
    for name in _NAMES[kind]:
        path = next((p for p in (folder / name, folder / f"{name}.gz") if p.is_file()), None)
        if path is None:
            raise FileNotFoundError(2, "", f"{name} or {name}.gz in {folder}")
        content = path.read_bytes()
        arrays.append(_idx(content, path.name))
        files.append(_file(path.name, content))
    pixels, labels = arrays
    if labels.ndim == 2:  # QMNIST's: the digit, then where NIST has it
        labels = labels[:, 0]
    return _published(pixels, labels, files)


def _idx(content: bytes, name: str) -> NDArray[np.integer]:
    """The array of an IDX file, compressed or not."""
    data = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    zero, kind, dimensions = struct.unpack_from(">HBB", data)
    if zero or kind not in _IDX_TYPES:
        raise ValueError(f"{name} is no IDX file of bytes or integers")
    shape = struct.unpack_from(f">{dimensions}I", data, 4)
    return np.frombuffer(data, _IDX_TYPES[kind], offset=4 + 4 * dimensions).reshape(shape)


def _mnist_c(path: Path) -> Iterator[tuple[str, Published]]:
    """`mnist_c.zip`, or what it holds: a folder for each family with two `.npy` files."""
    if path.is_dir():
        files = (each for each in path.rglob("*.npy") if each.name in _MNIST_C)
        content = {str(each.relative_to(path)): each.read_bytes() for each in files}
        archive = None
    else:
        whole = path.read_bytes()
        archive = _file(path.name, whole)
        with zipfile.ZipFile(io.BytesIO(whole)) as members:
            content = {n: members.read(n) for n in members.namelist() if Path(n).name in _MNIST_C}
    images, labels_name = _MNIST_C
    families = sorted(name for name in content if Path(name).name == images)
    if not families:
        raise ValueError(f"no folder with a {images} in it")
    for name in families:
        pair = name, str(Path(name).with_name(labels_name))
        pixels, labels = (np.load(io.BytesIO(content[each]), allow_pickle=False) for each in pair)
        files = [archive] if archive else [_file(each, content[each]) for each in pair]
        squeezed = pixels.reshape(pixels.shape[:3])
        yield f"MNIST-C {Path(name).parent.name}", _published(squeezed, labels, files)


def _usps(path: Path) -> Iterator[tuple[str, Published]]:
    """`usps.t.bz2` of LIBSVM, or Kaggle's `usps.h5`."""
    content = path.read_bytes()
    if content.startswith(b"BZh"):
        rows = [line.split() for line in bz2.decompress(content).decode("ascii").splitlines()]
        values = np.array([[float(cell.partition(":")[2]) for cell in row[1:]] for row in rows])
        shares, labels = (values + 1) / 2, np.array([int(row[0]) - 1 for row in rows])  # -1..1
    elif content.startswith(b"\x89HDF"):
        with h5py.File(io.BytesIO(content), "r") as file:
            shares, labels = file["test/data"][:], file["test/target"][:]
    else:
        raise ValueError("neither LIBSVM's usps.t.bz2 nor an HDF5 file with test/data")
    pixels = _scaled(shares.reshape(-1, _USPS_SIDE, _USPS_SIDE))
    yield "USPS", _published(pixels, labels, [_file(path.name, content)])


def _optdigits(path: Path) -> Iterator[tuple[str, Published]]:
    """UCI's `optdigits.tes`: lines of 64 numbers from 0 to 16 and the digit."""
    content = path.read_bytes()
    if not content.strip():
        raise ValueError("it is empty")
    table = np.loadtxt(io.BytesIO(content), delimiter=",", dtype=np.int64, ndmin=2)
    if table.shape[1] != _OPTDIGITS_SIDE**2 + 1:
        raise ValueError(f"a line has {table.shape[1]} numbers, not 65")
    cells = table[:, :-1].reshape(-1, _OPTDIGITS_SIDE, _OPTDIGITS_SIDE)
    pixels = _scaled(cells / _OPTDIGITS_MOST)
    yield "optdigits", _published(pixels, table[:, -1], [_file(path.name, content)])


_KINDS: Final[dict[str, Callable[[Path], Iterator[tuple[str, Published]]]]] = {
    "MNIST": _mnist,
    "QMNIST": _qmnist,
    "MNIST-C": _mnist_c,
    "USPS": _usps,
    "optdigits": _optdigits,
}
KINDS: Final = tuple(_KINDS)


def _scaled(shares: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Ink as shares from 0 to 1, as pixels."""
    if not (np.isfinite(shares).all() and shares.min() >= 0 and shares.max() <= 1):
        raise ValueError("its numbers are not on the scale of such a set")
    return np.rint(shares * 255).astype(np.uint8)


def _published(
    pixels: NDArray[np.integer], labels: NDArray[np.integer], files: Sequence[File]
) -> Published:
    if pixels.ndim != 3 or pixels.dtype != np.uint8 or len(pixels) != len(labels):
        raise ValueError(
            f"{pixels.dtype} {pixels.shape} and {len(labels)} labels, not 8-bit grey pictures and"
            " a label for each"
        )
    if not len(labels) or labels.min() < 0 or labels.max() >= CLASSES:
        raise ValueError("its labels are not 0 to 9")
    labels = labels.astype(np.uint8)
    digest = hashlib.sha256(np.ascontiguousarray(pixels).tobytes() + labels.tobytes()).hexdigest()
    return Published(pixels, labels, tuple(files), _CONTENTS.get(digest) or _worst(files))


def _worst(files: Sequence[File]) -> str:
    """What is to be said of all of `files`."""
    told = [each.checked for each in files] or [UNCHECKED]
    return next((each for each in told if each.startswith((OTHER, UNCHECKED))), told[0])


def _file(name: str, content: bytes) -> File:
    sha256 = hashlib.sha256(content).hexdigest()
    digests = (sha256, hashlib.md5(content, usedforsecurity=False).hexdigest())
    known, whose = _PUBLISHED.get(Path(name).name, (None, ""))
    if known is None:
        return File(name, sha256, UNCHECKED)
    is_known = known in digests
    return File(name, sha256, f"{AS}, by {whose}" if is_known else f"{OTHER}: {whose} is another")
