"""MNIST's own form of an array."""

import struct
from typing import Any, Final

from numpy.typing import NDArray

_BYTES: Final = 8


def idx(array: NDArray[Any], kind: int = _BYTES) -> bytes:
    """An IDX file of `array`, whose items the file says to be of `kind`."""
    header = struct.pack(f">HBB{array.ndim}I", 0, kind, array.ndim, *array.shape)
    return header + array.tobytes()
