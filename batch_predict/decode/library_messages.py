"""Keeps the decoders' libraries from writing to stderr: the row says in our words what is wrong."""

import ctypes
import logging
import warnings

from PIL import _imaging

from batch_predict.opencv import cv2

_PILLOW_WARNING = r"PIL\."


def ignore_pillow_warnings() -> None:
    """Ignore Pillow's warnings, and nobody else's.

    The filter is added again only where another one has been put before it.
    `warnings.catch_warnings` around each picture would race between threads.
    """
    first = warnings.filters[0] if warnings.filters else None
    if first is not _installed.get("filter"):
        warnings.filterwarnings("ignore", module=_PILLOW_WARNING)
        _installed["filter"] = warnings.filters[0]


def _silence_libtiff() -> None:
    """Replace libtiff's error handler, which writes to the process's stderr, by none.

    A null handler is libtiff's documented way to silence it. The symbol is looked up through
    Pillow's extension, so that it belongs to the library that Pillow uses; where it is not found,
    libtiff goes on writing.
    """
    set_handler = getattr(ctypes.CDLL(_imaging.__file__), "TIFFSetErrorHandler", None)
    if set_handler is not None:
        set_handler.argtypes = [ctypes.c_void_p]
        set_handler.restype = ctypes.c_void_p
        set_handler(None)


_installed: dict[str, object] = {}
logging.getLogger("PIL").addHandler(logging.NullHandler())  # else errors logged there reach stderr
_silence_libtiff()
# Else OpenCV writes to stderr what OpenJPEG says of a damaged header.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
