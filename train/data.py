"""Labelled pictures: Keras's MNIST, an `mnist.npz`, or a folder of digit-named folders."""

import hashlib
import os
import zipfile
import zlib
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.errors import InputError
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.pipeline import normalize
from batch_predict.options import MAX_PIXELS
from batch_predict.prepare import Prepare
from batch_predict.records import (
    CLASSES,
    PIXEL_MAX,
    SIDE,
    Blank,
    ImageRef,
    Picture,
    Prepared,
)
from batch_predict.runtimes.scale import UNIT, Scale
from batch_predict.storage.regular_file import open_regular
from batch_predict.tables.csv_paths import to_csv

from .marking import marked

HELD_OUT: Final = 6  # one picture in six validates: the first 10,000 of MNIST's 60,000
#: one digit in so many validates what learns from rendered pictures: MNIST's first 5,000
HELD_OUT_OF_RENDERED: Final = 12
MNIST_LICENCE: Final = "CC BY-SA 3.0 (MNIST; Y. LeCun, C. Cortes, C. Burges)"


class Pictures(NamedTuple):
    """Pictures in MNIST's form and their labels."""

    pixels: NDArray[np.uint8]  # (n, 28, 28)
    labels: NDArray[np.uint8]  # (n,), 0 to 9

    def at(self, places: slice | NDArray[np.intp]) -> "Pictures":
        """Those at `places`."""
        return Pictures(self.pixels[places], self.labels[places])

    def joined(self, others: "Pictures") -> "Pictures":
        """These, then `others`."""
        both = zip(self, others, strict=True)
        return Pictures(*(np.concatenate(arrays) for arrays in both))

    def inputs(self, scale: Scale = UNIT) -> NDArray[np.float32]:
        """What a model that takes pixels on `scale` sees: (n, 28, 28, 1) float32."""
        pixels = (self.pixels[..., None] / np.float32(PIXEL_MAX)).astype(np.float32)
        return pixels if scale == UNIT else scale.values(pixels)

    def one_hot(self) -> NDArray[np.float32]:
        """(n, 10) float32."""
        return np.eye(CLASSES, dtype=np.float32)[self.labels]


class Dataset(NamedTuple):
    """Everything that a training may read. Only an evaluation reads `test`."""

    train: Pictures
    validation: Pictures
    test: Pictures
    licence: str

    def sha256(self) -> str:
        """Hash of the arrays, not of the file that held them: that differs between downloads."""
        digest = hashlib.sha256()
        for part in (self.train, self.validation, self.test):
            for array in part:
                digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def sizes(self) -> dict[str, int]:
        """Pictures in each part."""
        return {
            "train": len(self.train.labels),
            "validation": len(self.validation.labels),
            "test": len(self.test.labels),
        }


def load(source: str, seed: int = 0, held_out: int = HELD_OUT) -> Dataset:
    """`source` is "keras", the path of an `mnist.npz`, or a folder of digit-named folders.

    One training picture in `held_out` validates. `seed` shuffles a folder.

    Raises `InputError` for a source that holds no usable pictures.
    """
    if source == "keras":
        import keras

        return _mnist(keras.datasets.mnist.load_data(), held_out)
    if os.path.isdir(source):
        return _split(_read_folder(source), seed)
    return _mnist(_read_npz(source), held_out)


# What NumPy raises for other files: a single array has no names, and is no context
_NO_NPZ: Final = (
    *(OSError, ValueError, LookupError, EOFError, TypeError, AttributeError),
    *(zipfile.BadZipFile, zlib.error),
)
_Arrays = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def _read_npz(path: str) -> tuple[_Arrays, _Arrays]:
    try:
        with open_regular(path) as file, np.load(file, allow_pickle=False) as arrays:
            return (
                (arrays["x_train"], arrays["y_train"]),
                (arrays["x_test"], arrays["y_test"]),
            )
    except _NO_NPZ as error:
        raise InputError(
            f"{path} is neither a folder nor an npz with x_train, y_train, x_test, y_test"
        ) from error


def _mnist(parts: tuple[_Arrays, _Arrays], held_out: int) -> Dataset:
    train, test = (Pictures(*part) for part in parts)
    for pictures in (train, test):
        if pictures.pixels.shape[1:] != (SIDE, SIDE) or pictures.pixels.dtype != np.uint8:
            raise InputError(
                f"pictures must be uint8 (n, {SIDE}, {SIDE}), "
                f"received {pictures.pixels.dtype} {pictures.pixels.shape}"
            )
    first = len(train.labels) // held_out
    return Dataset(train.at(slice(first, None)), train.at(slice(first)), test, MNIST_LICENCE)


def kept_mnist() -> str | None:
    """Keras's copy of MNIST, where it was downloaded before."""
    home = os.environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    path = os.path.join(home, "datasets", "mnist.npz")
    return path if os.path.isfile(path) else None


def read_test(source: str, seed: int = 0) -> list[Prepared | Blank]:
    """The test part of `source`, as the job prepares it; each ref has its truth. See `load`."""
    if os.path.isdir(source):
        items = _prepared(source)
        return [items[place] for place in _parts(len(items), seed)[2]]
    test = load(source).test
    pictures = (
        Picture(ImageRef(str(place), truth=int(label)), pixels)
        for place, (pixels, label) in enumerate(zip(*test, strict=True))
    )
    return marked(normalize(each, Preprocess.AUTO, Polarity.AUTO) for each in pictures)


def _read_folder(folder: str) -> Pictures:
    items = _prepared(folder)
    labels = [item.ref.truth for item in items]
    return Pictures(np.stack([item.pixels for item in items]), np.array(labels, np.uint8))


def _prepared(folder: str) -> list[Prepared]:
    """What `folder`/0 to /9 hold, as the job prepares it, in the order of the paths.

    Blank and unreadable pictures are left out. Raises `InputError` where nothing is left.
    """
    prepare = Prepare(folder, MAX_PIXELS, Preprocess.AUTO, Polarity.AUTO)
    refs = [
        ImageRef(to_csv(f"{digit}/{name}"), truth=digit)
        for digit in range(CLASSES)
        for name in _files(os.path.join(folder, str(digit)))
    ]
    found = [item for item in marked(prepare.each(refs)) if isinstance(item, Prepared)]
    if not found:
        raise InputError(f"{folder} has no pictures in folders named 0 to 9")
    return found


def _files(folder: str) -> list[str]:
    if not os.path.isdir(folder):
        return []
    return sorted(entry.name for entry in os.scandir(folder) if entry.is_file())


def _split(pictures: Pictures, seed: int) -> Dataset:
    """One's own pictures, shuffled: a sixth to validate, a sixth to test, the rest to train."""
    train, validation, test = map(pictures.at, _parts(len(pictures.labels), seed))
    return Dataset(train, validation, test, "the owner's of the pictures")


def _parts(count: int, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Places of what trains, validates and tests."""
    order = np.random.default_rng(seed).permutation(count)
    held_out = max(1, count // HELD_OUT)
    if count <= 2 * held_out:
        raise InputError(f"training needs at least 3 pictures, received {count}")
    return order[2 * held_out :], order[:held_out], order[held_out : 2 * held_out]
