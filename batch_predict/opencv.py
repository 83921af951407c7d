"""OpenCV, imported as it ships, whatever was set for other work; all modules have it from here.

Where `OPENCV_IO_MAX_IMAGE_PIXELS` was set for another program, good pictures would be `corrupt`,
and a value that is no number ends the process. OpenCV reads its variables once, when it is loaded.
Where a program has imported it already, it stays as it is.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np

_PREFIX: Final = "OPENCV_"
#: what says how the processor is, and decides no picture
_OF_THE_MACHINE: Final = frozenset({"OPENCV_CPU_DISABLE", "OPENCV_SKIP_CPU_BASELINE_CHECK"})
_ZERO: Final = np.zeros(1)


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


def _begin_here() -> None:
    """Have OpenCV make what it keeps for each thread, for this one.

    It makes and ends that under a lock, which a thread that Python has seen ending may still hold:
    a process that is forked then and has none yet would wait for ever at its first picture.
    """
    cv2.norm(_ZERO)


os.register_at_fork(before=_begin_here)

__all__ = ["cv2"]
