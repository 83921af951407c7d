"""OpenCV, imported as it ships, whatever was set for other work; all modules have it from here.

Where `OPENCV_IO_MAX_IMAGE_PIXELS` was set for another program, good pictures would be `corrupt`,
and a value that is no number ends the process. OpenCV reads its variables once, when it is loaded.
Where a program has imported it already, it stays as it is.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_PREFIX: Final = "OPENCV_"
#: what says how the processor is, and decides no picture
_OF_THE_MACHINE: Final = frozenset({"OPENCV_CPU_DISABLE", "OPENCV_SKIP_CPU_BASELINE_CHECK"})


@contextmanager
def _plain_settings() -> Iterator[None]:
    names = [name for name in os.environ if name.startswith(_PREFIX)]
    theirs = {name: os.environ.pop(name) for name in names if name not in _OF_THE_MACHINE}
    try:
        yield
    finally:
        os.environ |= theirs


with _plain_settings():
    import cv2

    cv2.getNumThreads()  # reads the variable on threads, which it does when it is first asked

__all__ = ["cv2"]
