"""The versions of the program and of all that an answer depends on."""

import platform
import sys
from contextlib import suppress
from importlib import metadata
from typing import Final

from batch_predict import __version__

#: what an answer depends on, by the names of their distributions
_LIBRARIES: Final = (
    *("keras", "tensorflow", "tensorflow-cpu"),
    *("numpy", "pillow", "pillow-heif", "opencv-python-headless", "kornia-rs"),
    *("onnxruntime", "openvino"),
)


def versions() -> dict[str, str]:
    """By name; what is not installed is not there."""
    found = {
        "batch_predict": __version__,
        "python": platform.python_version(),
        "platform": f"{sys.platform}-{platform.machine()}",
    }
    for name in _LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found
