"""Opens a JPEG 2000 by the decoder that reads its samples right.

Pillow rounds samples of over 8 bits beyond white, which becomes black, unless there is one a pixel,
of 10 to 16 bits; OpenCV reads those of up to 16 bits without a sign, in grey, RGB or RGBA. What
neither reads right is `unsupported`; `tests/decode/test_jpeg2000.py` sweeps the product.
"""

import io
import struct
from typing import Final, NamedTuple

import numpy as np
from PIL import Image, Jpeg2KImagePlugin

from batch_predict.decode.decode_error import DecodeError, check_size
from batch_predict.decode.pixel_modes import to_8_bits
from batch_predict.opencv import cv2
from batch_predict.records import Code

_SIZE_MARK: Final = b"\xff\x4f\xff\x51"  # the code stream's begin, and its first segment
_COUNT_AT: Final = 40  # bytes behind that mark's begin: how many components there are
_OF_PILLOW: Final = (*range(1, 9), *range(10, 17))  # bits of a sample, where a pixel has one
_BYTE: Final = 8
_DEEPEST: Final = 16  # bits of a sample that OpenCV takes
_ORDER: Final = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA}


class _Component(NamedTuple):
    bits: int
    signed: bool
    whole: bool  # a sample for every pixel


def open_jpeg2000(data: bytes, max_pixels: int) -> Image.Image:
    """The picture, 8 bits a sample, or as Pillow opens it.

    Raises:
        DecodeError: its samples are of a kind that is not read, or it is too large.
        OSError, SyntaxError, struct.error: it is damaged.
    """
    components = _components(data)
    deepest = max((each.bits for each in components), default=0)
    image = Jpeg2KImagePlugin.Jpeg2KImageFile(io.BytesIO(data))
    check_size(*image.size, max_pixels)
    if deepest <= _BYTE or (len(components) == 1 and deepest in _OF_PILLOW):
        return image
    first = components[0]
    alike = first.whole and not first.signed and set(components) == {first}
    if not alike or first.bits > _DEEPEST or len(components) not in (1, *_ORDER):
        raise DecodeError(
            Code.UNSUPPORTED, f"a JPEG 2000 of {len(components)} x {deepest} bits a pixel"
        )
    samples = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if samples is None:
        raise OSError("OpenCV can't decode it")
    if samples.ndim > 2:
        samples = cv2.cvtColor(samples, _ORDER[len(components)])
    return Image.fromarray(to_8_bits(samples, first.bits))


def _components(data: bytes) -> list[_Component]:
    """What the code stream says of its components; none where it is not found."""
    start = data.find(_SIZE_MARK, max(0, data.find(b"jp2c")))
    if start < 0:
        return []
    (count,) = struct.unpack_from(">H", data, start + _COUNT_AT)
    form = data[start + _COUNT_AT + 2 :][: 3 * count]
    return [
        _Component(1 + (depth & 0x7F), bool(depth & 0x80), (across, down) == (1, 1))
        for depth, across, down in struct.iter_unpack("3B", form)
    ]
