"""The one way into this package: bytes -> a picture, or a failure."""

import struct
import zlib
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from batch_predict.decode.formats import Format
from batch_predict.decode.orientation import upright
from batch_predict.decode.pixel_modes import flatten
from batch_predict.decode.quick_png import quick_png
from batch_predict.decode.quiet import hush
from batch_predict.decode.refusal import RefusedError
from batch_predict.decode.signatures import sniff
from batch_predict.decode.truncation import salvage
from batch_predict.records import Code, Failure, ImageRef, Picture, Reason

MAX_PIXELS: Final = 50_000_000  # pixels of one picture, after a JPEG's reduction

# What Pillow, OpenCV and zlib raise for damaged files; the fuzz test holds this list to account.
DECODER_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    EOFError,
    AssertionError,
    RuntimeError,  # NotImplementedError too
    SystemError,
    MemoryError,
    struct.error,
    zlib.error,
    cv2.error,
)


def decode(ref: ImageRef, data: bytes, max_pixels: int = MAX_PIXELS) -> Picture | Failure:
    """The picture in `data`: uint8, (h, w) grey or (h, w, 3) RGB, or why there is none.

    Never raises, whatever the bytes. The format is told by content, not by name; 8-bit grey
    pixels come out bit for bit. `max_pixels` bounds width x height and is checked before memory is
    spent on them.
    """
    quick = quick_png(data, max_pixels)
    if quick is not None:
        return Picture(ref, quick)
    hush()
    try:
        kind = sniff(data)
        contents = kind.inspect(data)
        reasons = []
        if contents.frames > 1:
            reasons.append(Reason(Code.SEVERAL_FRAMES, f"first of {contents.frames} frames"))
        pixels = None
        if contents.whole is not False:
            pixels = _decode_whole(kind, data, max_pixels, sure=bool(contents.whole))
        if pixels is None:
            pixels = _decode_cut(kind, data, max_pixels)
            reasons.insert(0, Reason(Code.TRUNCATED, "cut short, but every pixel row is there"))
    except RefusedError as refused:
        return Failure(ref, refused.reason)
    except Image.DecompressionBombError:  # in a frame larger than its picture
        return Failure(ref, Reason(Code.TOO_LARGE, "more pixels than the decoder takes"))
    return Picture(ref, pixels, tuple(reasons))


def _decode_whole(
    kind: Format, data: bytes, max_pixels: int, *, sure: bool
) -> NDArray[np.uint8] | None:
    """The pixels of a file; None where it turns out to be cut short, which `sure` rules out."""
    image = None
    try:
        image = kind.open(data, max_pixels)
        image.load()
        kind.check(data, image)
        return upright(image, flatten(image))
    except DECODER_ERRORS as error:
        if image is None and kind.weak:
            raise RefusedError(Code.NOT_AN_IMAGE, "no picture format that is known") from error
        if sure or image is None:
            raise RefusedError(Code.CORRUPT, f"a damaged {kind.name} file") from error
        return None


def _decode_cut(kind: Format, data: bytes, max_pixels: int) -> NDArray[np.uint8]:
    try:
        image = salvage(kind, data, max_pixels)
        if image is not None:
            return upright(image, flatten(image))
    except DECODER_ERRORS:
        pass  # cut before the first pixel
    raise RefusedError(Code.TRUNCATED, "cut short, with pixel rows missing")
