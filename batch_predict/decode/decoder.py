"""The entry point of this package: bytes -> a picture, or a failure."""

import struct
import zlib
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from batch_predict.decode.decode_error import DecodeError, check_size
from batch_predict.decode.density import square_pixels
from batch_predict.decode.formats import Format
from batch_predict.decode.library_messages import ignore_pillow_warnings
from batch_predict.decode.memory import SHORTAGE, is_short
from batch_predict.decode.orientation import apply_orientation
from batch_predict.decode.pixel_modes import to_grey_or_rgb
from batch_predict.decode.quick_png import quick_png
from batch_predict.decode.signatures import detect_format
from batch_predict.decode.truncation import load_truncated
from batch_predict.errors import causes, describe, in_one_line
from batch_predict.opencv import cv2
from batch_predict.records import Code, Failure, ImageRef, Picture, Reason

# What Pillow, OpenCV and zlib raise for damaged files; the fuzz test fails where one is missing.
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


def decode(
    ref: ImageRef, data: bytes, max_pixels: int, cap: int | None = None
) -> Picture | Failure:
    """The picture in `data`: uint8, (h, w) grey or (h, w, 3) RGB, or why there is none.

    Never raises, whatever the bytes. The format is told by content, not by name. 8-bit grey
    pixels come out bit for bit. A picture whose width x height is over `max_pixels` is a Failure,
    found before memory is allocated for its pixels; so is one of which more than `cap` pixels
    would be in memory: a large JPEG is reduced as it is decoded.
    """
    try:
        return _decode(ref, data, max_pixels, cap)
    except MemoryError as error:
        return Failure(ref, SHORTAGE, describe(error))


def _decode(ref: ImageRef, data: bytes, max_pixels: int, cap: int | None) -> Picture | Failure:
    limit = max_pixels if cap is None else min(cap, max_pixels)
    quick = quick_png(data, limit)
    if quick is not None:
        return Picture(ref, quick)
    ignore_pillow_warnings()
    try:
        file_format = detect_format(data)
        structure = file_format.inspect(data)
        stored_size = file_format.stored_size(data)
        if stored_size is not None:
            check_size(*stored_size, max_pixels)
        decoded = None
        if structure.complete is not False:
            decoded = _decode_complete(
                file_format, data, limit, known_complete=bool(structure.complete)
            )
        reasons = []
        if decoded is None:
            decoded = _decode_truncated(file_format, data, limit)
            reasons.append(Reason(Code.TRUNCATED, "cut short, but every pixel row is there"))
    except DecodeError as refused:
        return Failure(ref, refused.reason, in_one_line(causes(refused)))
    except Image.DecompressionBombError as error:  # in a frame larger than its picture
        reason = Reason(Code.TOO_LARGE, "more pixels than the decoder takes")
        return Failure(ref, reason, describe(error))
    frames = max(structure.frames, decoded.frames)
    if frames > 1:
        reasons.append(Reason(Code.SEVERAL_FRAMES, f"first of {frames} frames"))
    return Picture(ref, decoded.pixels, tuple(reasons))


class _Decoded(NamedTuple):
    pixels: NDArray[np.uint8]  # upright, square
    frames: int


def upright_pixels(image: Image.Image) -> NDArray[np.uint8]:
    """The pixels of an image of Pillow's, upright and square: (h, w) grey or (h, w, 3) RGB.

    Raises DECODER_ERRORS where it lies in a file that can't be read.
    """
    image.load()
    return _upright(image, to_grey_or_rgb(image))


def _upright(image: Image.Image, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return apply_orientation(image, square_pixels(image, pixels))


def _decode_complete(
    file_format: Format, data: bytes, max_pixels: int, *, known_complete: bool
) -> _Decoded | None:
    """The pixels of a file; None where its structure left open that it is cut short, and it is.

    Raises DecodeError.
    """
    image = None
    try:
        image = file_format.open(data, max_pixels)
        pixels = file_format.pixels(data, image)
        if pixels is not None:
            return _Decoded(_upright(image, pixels), frames=1)
        image.load()
        file_format.check(data, image)
        return _Decoded(upright_pixels(image), file_format.frames(image))
    except DECODER_ERRORS as error:
        _check_memory(error, image)
        if image is None and file_format.weak_signature:
            raise DecodeError(Code.NOT_AN_IMAGE, "no picture format that is known") from error
        if known_complete or image is None:
            raise DecodeError(Code.CORRUPT, f"a damaged {file_format.name} file") from error
        return None


def _decode_truncated(file_format: Format, data: bytes, max_pixels: int) -> _Decoded:
    """The pixels of a file cut short; raises DecodeError where any of them is missing."""
    cause = image = None
    try:
        image = load_truncated(file_format, data, max_pixels)
        if image is not None:
            return _Decoded(upright_pixels(image), file_format.frames(image))
    except DECODER_ERRORS as error:
        _check_memory(error, image)
        cause = error  # cut before the first pixel
    raise DecodeError(Code.TRUNCATED, "cut short, with pixel rows missing") from cause


def _check_memory(error: BaseException, image: Image.Image | None) -> None:
    """Raises DecodeError where `error`, in decoding `image`, may be for want of memory."""
    if is_short(error, None if image is None else image.width * image.height):
        raise DecodeError(*SHORTAGE) from error
