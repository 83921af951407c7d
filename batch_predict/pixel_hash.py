"""Hashes of what the classifier sees, by which pictures are known that a model learned from."""

from hashlib import shake_128
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.records import SIDE

_WORD: Final = np.dtype("<u8")
_WORDS: Final = SIDE * SIDE // _WORD.itemsize  # of a picture
# Odd, so that no two pictures that differ in one word have the same hash; else as if drawn.
_WEIGHTS: Final = np.frombuffer(shake_128(b"pixel_hash").digest(_WORDS * 8), _WORD) | np.uint64(1)
# Bits of a word, of which the upper half is mixed into the lower: a product with a weight never
# reaches a lower bit.
_HALF: Final = np.uint64(32)


def pixel_hashes(pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """A hash of each of `pixels` (n, 28, 28): (n,) int64, the same in every version and machine.

    A multilinear hash of the words of a picture: it is quick, and no secret. Of a million pictures
    one has that of another among 60,000 by a chance of 3e-9.
    """
    words = np.ascontiguousarray(pixels).reshape(-1, SIDE * SIDE).view(_WORD)
    hashes: NDArray[np.int64] = ((words ^ (words >> _HALF)) @ _WEIGHTS).view(np.int64)
    return hashes


def are_among(hashes: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each of `hashes` (n,) is among those `known`, which are sorted: (n,)."""
    if not len(known):
        return np.zeros(len(hashes), bool)
    places = np.searchsorted(known, hashes)
    found: NDArray[np.bool_] = known[np.minimum(places, len(known) - 1)] == hashes
    return found
