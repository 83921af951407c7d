"""Whether a picture failed for want of memory, which may pass, and not for what its file holds."""

import mmap
from typing import Final

from batch_predict.opencv import cv2
from batch_predict.records import Code, Reason

SHORTAGE: Final = Reason(Code.OUT_OF_MEMORY, "too little memory to read it")

# Of a picture, at most, by the decoder that takes most (JPEG 2000, 4 integers and more a pixel):
# measured with pictures of 5 megapixels under ever lower limits.
_BYTES_PER_PIXEL: Final = 32
_LEAST: Final = 16 << 20  # bytes: what a decoder takes whatever the picture
_UNKNOWN_PIXELS: Final = 4_000_000  # of a file that could not be opened
_WORDS: Final = ("out of memory", "insufficient memory", "cannot allocate memory")


def is_shortage(error: BaseException) -> bool:
    """Whether `error` says that memory could not be had."""
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, cv2.error) and getattr(error, "code", None) == cv2.Error.STS_NO_MEM:
        return True
    return any(words in str(error).lower() for words in _WORDS)


def is_short(error: BaseException, pixels: int | None) -> bool:
    """Whether `error`, of decoding a picture of so many `pixels`, may be for want of memory.

    Some decoders call a file broken where they got none. So it is tried whether there is as much
    as the picture may take.
    """
    return is_shortage(error) or not has_room(_UNKNOWN_PIXELS if pixels is None else pixels)


def has_room(pixels: int) -> bool:
    """Whether there is the memory that a picture of so many `pixels` may take.

    To ask costs nothing, because no page of it is touched.
    """
    size = _LEAST + _BYTES_PER_PIXEL * pixels
    try:
        mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    except (OSError, MemoryError):
        return False
    return True
