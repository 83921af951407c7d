"""A picture that fails for want of memory is told from a damaged one, whatever its decoder says."""

import mmap
from typing import NoReturn

import cv2
import pytest
from PIL import Image

from batch_predict.decode import decode
from batch_predict.decode.memory import is_shortage
from batch_predict.options import MAX_PIXELS
from batch_predict.records import Code, Failure, ImageRef
from tests.decode.every_encoding import ENCODINGS
from tests.support.digits import DIGITS

REF = ImageRef("a")


def no_memory(code: int) -> cv2.error:
    error = cv2.error("Failed to allocate 14520000 bytes")
    error.code = code
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(MemoryError(), True, id="Python, NumPy"),
        pytest.param(no_memory(-4), True, id="OpenCV"),
        pytest.param(no_memory(-5), False, id="another fault of OpenCV"),
        pytest.param(OSError("out of memory error when reading image file"), True, id="Pillow"),
        pytest.param(OSError(12, "Cannot allocate memory"), True, id="the system"),
        pytest.param(OSError("broken data stream when reading image file"), False, id="damage"),
    ],
)
def test_what_says_that_memory_is_short(error: Exception, expected: bool) -> None:
    assert is_shortage(error) is expected


def refuse(*args: object, **keywords: object) -> NoReturn:
    raise OSError(12, "Cannot allocate memory")


@pytest.mark.parametrize("is_short", [False, True])
@pytest.mark.parametrize(
    "error",
    [
        OSError("broken data stream when reading image file"),  # JPEG 2000
        RuntimeError("Failed to decode frame 0: Decoding of color planes failed"),  # AVIF
    ],
    ids=["OSError", "RuntimeError"],
)
@pytest.mark.parametrize("end", [None, -20], ids=["whole", "cut"])
@pytest.mark.parametrize("encoding", [pytest.param(e, id=e.name) for e in ENCODINGS[::4]])
def test_a_decoder_that_calls_it_damage(
    monkeypatch: pytest.MonkeyPatch, encoding, error: Exception, end: int | None, *, is_short: bool
) -> None:
    data = encoding.make(DIGITS[7])[:end]

    def fail(*args: object) -> NoReturn:
        raise error

    monkeypatch.setattr(Image.Image, "load", fail)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", fail)
    if is_short:
        monkeypatch.setattr(mmap, "mmap", refuse)
    found = decode(REF, data, MAX_PIXELS)
    if isinstance(found, Failure) and found.cause.startswith(type(error).__name__):
        assert (found.reason.code is Code.OUT_OF_MEMORY) is is_short
