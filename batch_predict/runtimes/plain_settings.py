"""Keras is imported as this program needs it, whatever was set for other work."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

_PREFIX: Final = "KERAS_"
# Below a device there is no file to read and no folder to make.
_NO_HOME: Final = os.devnull
_ONE_AT_A_TIME: Final = Lock()  # of what changes the environment of the whole process


@contextmanager
def plain_settings() -> Iterator[None]:
    """Around the first import of Keras: TensorFlow computes, and all is as Keras ships it.

    Variables may name a backend that is not installed. So may `keras.json` in the home folder, or,
    where that can't be written, in /tmp, where anybody may have put one; it may be damaged, too,
    and Keras ends in a traceback over it. Where a program has imported Keras already, it stays as
    it is. Afterwards the variables, and the folder in which Keras keeps data, are what they were.
    """
    with _ONE_AT_A_TIME:
        if "keras" in sys.modules:
            yield
            return
        theirs = {name: os.environ[name] for name in os.environ if name.startswith(_PREFIX)}
        for name in theirs:
            del os.environ[name]
        os.environ |= {"KERAS_BACKEND": "tensorflow", "KERAS_HOME": _NO_HOME}
        try:
            yield
        finally:
            del os.environ["KERAS_BACKEND"], os.environ["KERAS_HOME"]
            os.environ |= theirs
            config = sys.modules.get("keras.src.backend.config")
            if config is not None:  # without a setter, and read where data sets are loaded alone
                config._KERAS_DIR = keras_home()  # type: ignore[attr-defined]


def keras_home() -> str:
    """Where Keras keeps its data, as it finds that itself."""
    home = os.path.expanduser("~")
    base = home if os.access(home, os.W_OK) else "/tmp"
    return os.environ.get("KERAS_HOME", os.path.join(base, ".keras"))
