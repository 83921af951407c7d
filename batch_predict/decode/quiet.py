"""Keep the libraries below from talking: what they have to say is in the row, in our words."""

import ctypes
import logging
import warnings

from PIL import _imaging

_PILLOW_WARNING = r"PIL\."


def hush() -> None:
    """Have Pillow's warnings ignored, and nobody else's.

    The filter is put in front again only where something else got there first:
    `warnings.catch_warnings` around each picture would race between threads.
    """
    first = warnings.filters[0] if warnings.filters else None
    if first is not _installed.get("filter"):
        warnings.filterwarnings("ignore", module=_PILLOW_WARNING)
        _installed["filter"] = warnings.filters[0]


def _hush_libtiff() -> None:
    """Pillow leaves libtiff's own error handler in place, which writes to the process's stderr.

    A null handler is libtiff's documented way to silence it. The symbol is looked up through
    Pillow's extension, so it is the library that Pillow uses; where it can't be seen, the chatter
    stays.
    """
    set_handler = getattr(ctypes.CDLL(_imaging.__file__), "TIFFSetErrorHandler", None)
    if set_handler is not None:
        set_handler.argtypes = [ctypes.c_void_p]
        set_handler.restype = ctypes.c_void_p
        set_handler(None)


_installed: dict[str, object] = {}
logging.getLogger("PIL").addHandler(logging.NullHandler())  # else errors logged there reach stderr
_hush_libtiff()
