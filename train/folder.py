"""A folder of digit-named folders as arrays, prepared as the job prepares its pictures."""

import os

import numpy as np
from numpy.typing import NDArray

from batch_predict.decode import MAX_PIXELS
from batch_predict.errors import InputError
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.paths import to_csv
from batch_predict.prepare import Prepare
from batch_predict.records import CLASSES, ImageRef, Prepared


def load_folder(folder: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Pictures (n, 28, 28) uint8 and labels (n,) of `folder`/0 to /9, in the order of the paths.

    Blank and unreadable pictures are left out. Raises `InputError` where nothing is left.
    """
    prepare = Prepare(folder, MAX_PIXELS, Preprocess.AUTO, Polarity.AUTO)
    pixels, labels = [], []
    for digit in range(CLASSES):
        for name in _files(os.path.join(folder, str(digit))):
            prepared = prepare(ImageRef(to_csv(f"{digit}/{name}"), 0, 0, digit))
            if isinstance(prepared, Prepared):
                pixels.append(prepared.pixels)
                labels.append(digit)
    if not pixels:
        raise InputError(f"{folder} has no pictures in folders named 0 to 9")
    return np.stack(pixels), np.array(labels, np.uint8)


def _files(folder: str) -> list[str]:
    if not os.path.isdir(folder):
        return []
    return sorted(entry.name for entry in os.scandir(folder) if entry.is_file())
