"""What the ink network says of a picture -> what the classifier will see, or nothing is written.

The values of the rules were chosen on 6,000 rendered pictures of MNIST's first 5,000, none of which
the network had seen; `python -m train.doubts` says what each catches of others (5,299 digits).
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.letterbox import LARGE, side_of
from batch_predict.normalize.map_reading import MapReading, read_maps
from batch_predict.records import (
    CLASSES,
    EMPTY,
    SIDE,
    Blank,
    Code,
    Prepared,
    Reason,
    Reduced,
    Seen,
)

# Probability of the class head: above it a picture is empty. Of the digits 0.4% are so empty, 16 of
# those 20 misread by the head, too.
LIKELY: Final = 0.5
# Share of other writing in all that is written: more, and it outweighs the digit; nearly all, and
# it is one mark that the network did not call a digit. Of the digits 0.8% lie between.
MUCH_OTHER: Final = 0.6
ALL_OTHER: Final = 0.95
# Share of the ink within a stroke's width of the frame. Only of large pictures, for small ones are
# cut out closely: 4% of their digits have more.
MUCH_AT_FRAME: Final = 0.3
# Mean certainty of the ink: 0.8% of the digits are less clear, the head misreads 22 of those 42.
CLEAR: Final = 0.6


def from_maps(
    picture: Reduced, maps: NDArray[np.uint8], classes: NDArray[np.float32]
) -> Prepared | Blank:
    """What becomes of `picture`.

    `maps` (h, w, 3) uint8 is its part of the square: the digit's ink, other writing, print;
    `classes` (12,) the probabilities of the ten digits, of an empty picture, of something else.
    """
    reading, seen = read_maps(maps), Seen(picture.pixels, maps, classes)
    likely_digit = float(classes[:CLASSES].sum()) > LIKELY
    if classes[EMPTY] > LIKELY or (reading is None and not likely_digit):
        return Blank(picture.ref, picture.reasons)
    if reading is None:
        none = Reason(Code.NO_CLEAR_MARK, "a digit, but no stroke that is marked")
        nothing = np.zeros((SIDE, SIDE), np.uint8)
        return Prepared(picture.ref, nothing, (*picture.reasons, none), seen)
    doubts = _doubts(reading, is_large=side_of(picture.pixels) == LARGE)
    return Prepared(picture.ref, reading.pixels, (*picture.reasons, *doubts), seen)


def _doubts(reading: MapReading, *, is_large: bool) -> Iterator[Reason]:
    if MUCH_OTHER < reading.other < ALL_OTHER:
        words = f"{reading.other:.1%} of what is written is marked as no part of the digit"
        yield Reason(Code.SEVERAL_MARKS, f"{words}, above {MUCH_OTHER:.0%}")
    if is_large and reading.at_frame > MUCH_AT_FRAME:
        words = f"{reading.at_frame:.1%} of its ink lies at the frame, above {MUCH_AT_FRAME:.0%}"
        yield Reason(Code.CUT_BY_FRAME, words)
    if reading.clearness < CLEAR:
        words = "which pixels are its ink is not clear"
        clearness = f"clearness {reading.clearness:.3f}, below {CLEAR:g}"
        yield Reason(Code.NO_CLEAR_MARK, f"{words}: {clearness}")
