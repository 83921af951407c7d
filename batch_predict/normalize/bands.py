"""Bands that cross a picture, inverted back."""

import numpy as np
from numpy.typing import NDArray

from batch_predict.records import PIXEL_MAX

STEP = 0.5 * PIXEL_MAX  # grey levels between a pixel and its inverted neighbour
EDGE = 0.6  # of a line of pixels: so much changes where a band ends; no digit's edge is so long


def without_bands(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`pixels` (h, w) uint8, light on dark where columns or rows that were inverted made bands."""
    for lines in (pixels, pixels.T):
        changed = np.abs(np.diff(lines.astype(np.int16), axis=1)) > STEP
        edges = np.flatnonzero(changed.mean(axis=0) > EDGE) + 1
        if edges.size:
            band = np.searchsorted(edges, np.arange(lines.shape[1]), side="right")
            even = np.where(band % 2, ~lines, lines)
            even = ~even if even.mean() > PIXEL_MAX / 2 else even
            return even if lines is pixels else np.ascontiguousarray(even.T)
    return pixels
