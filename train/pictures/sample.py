"""A picture to learn the ink from, and what is written on it, pixel by pixel."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.letterbox import letterbox, on_zeros

INK, WRITING, PRINT = range(3)  # the maps, in their order


class Sample(NamedTuple):
    """A picture with its truth.

    The maps may be finer than the picture: a whole number of map pixels lies on each pixel, the
    same number both ways. So a picture of 8x8 can say what its few pixels were reduced from.
    """

    pixels: NDArray[np.uint8]  # (h, w, 3) RGB
    maps: NDArray[np.uint8]  # (k h, k w, 3) coverage: the digit's ink, other writing, print
    label: int  # 0 to 9, EMPTY, or OTHER: then the digit's map is zero

    @property
    def factor(self) -> int:
        """How many map pixels lie along a pixel."""
        return int(self.maps.shape[0] // self.pixels.shape[0])


def letterboxed(sample: Sample, side: int) -> Sample:
    """The same on a square of `side` pixels, as the network sees it: picture and maps alike."""
    square, _ = letterbox(sample.pixels, side)
    return Sample(square, on_zeros(sample.maps, side), sample.label)
