"""The scale on which a model takes pixels: the values of bare ground and of full ink."""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.records import PIXEL_MAX


class Scale(NamedTuple):
    """The value of bare ground and that of full ink; all others lie evenly between."""

    low: float
    high: float

    @classmethod
    def read(cls, value: object) -> "Scale":
        """`[low, high]` of a JSON file; raises ValueError for anything else."""
        if not isinstance(value, list) or len(value) != 2:
            raise ValueError("it is not two numbers, such as [0, 255]")
        if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in value):
            raise ValueError("it is not two numbers, such as [0, 255]")
        try:
            scale = cls(*map(float, value))
        except OverflowError as error:  # a whole number too large for a float
            raise ValueError("its numbers are out of range") from error
        if not all(map(math.isfinite, scale)) or max(map(abs, scale)) > _GREATEST:
            raise ValueError("its numbers are out of range")
        if scale.low == scale.high:
            raise ValueError("ground and ink have the same value")
        return scale

    def to_json(self) -> list[float]:
        """What `read` takes; whole numbers without a fraction."""
        return [int(value) if value.is_integer() else value for value in map(float, self)]

    @property
    def inverse(self) -> "Scale":
        """Dark ink on light ground where this is light on dark, or the other way round."""
        return Scale(self.high, self.low)

    def values(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """`pixels`, of 8 bits each and brought to [0, 1], on this scale.

        By a table, so that each level is exact: what a network takes as uint8 is what it was.
        """
        levels = np.arange(PIXEL_MAX + 1) / PIXEL_MAX
        table = (self.low + levels * (self.high - self.low)).astype(np.float32)
        found: NDArray[np.float32] = table[np.rint(pixels * PIXEL_MAX).astype(np.uint8)]
        return found


_GREATEST: Final = 1e6  # beyond 16-bit samples; float32 still holds a pixel's steps there

UNIT: Final = Scale(0.0, 1.0)
BYTE: Final = Scale(0.0, 255.0)
_SIGNED: Final = Scale(-1.0, 1.0)
#: less MNIST's mean (0.1307), over its standard deviation (0.3081), as PyTorch's example has it
_STANDARD: Final = Scale(-0.1307 / 0.3081, (1 - 0.1307) / 0.3081)
_CENTRED: Final = Scale(-0.5, 0.5)
_LIGHT_ON_DARK: Final = (UNIT, BYTE, _SIGNED, _STANDARD, _CENTRED)

#: those that tutorials and libraries use, the usual ones first
COMMON: Final = (
    *_LIGHT_ON_DARK,
    *(scale.inverse for scale in (UNIT, BYTE, _SIGNED, _CENTRED)),
)
_SAME: Final = 0.02  # of the span: 1/256 in place of 1/255, and a mean of somebody's own sample


def scales_before(factor: float, offset: float) -> tuple[Scale, ...]:
    """The common scales that `x * factor + offset` turns into a common one, light on dark.

    That is what a network's own rescaling is for: 1/255 makes 0 to 1 of 0 to 255.
    """

    def is_common(low: float, high: float) -> bool:
        return any(
            max(abs(low - scale.low), abs(high - scale.high)) <= _SAME * (scale.high - scale.low)
            for scale in _LIGHT_ON_DARK
        )

    return tuple(
        scale
        for scale in COMMON
        if is_common(scale.low * factor + offset, scale.high * factor + offset)
    )
