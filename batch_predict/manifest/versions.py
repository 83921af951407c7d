"""The versions of the program and of all that an answer depends on."""

import platform
import sys
from contextlib import suppress
from functools import cache
from importlib import metadata
from typing import Final

from batch_predict import __version__

#: what an answer depends on, by the names of their distributions
_LIBRARIES: Final = (
    *("keras", "tensorflow", "tensorflow-cpu"),
    *("numpy", "pillow", "pillow-heif", "opencv-python-headless", "kornia-rs"),
    *("onnxruntime", "openvino"),
)


@cache  # reading what distributions say of themselves takes longer than many a run of `predict`
def _version(distribution: str) -> str | None:
    with suppress(metadata.PackageNotFoundError):
        return metadata.version(distribution)
    return None


def versions() -> dict[str, str]:
    """By name; what is not installed is not there."""
    found = {
        "batch_predict": __version__,
        "python": platform.python_version(),
        "platform": f"{sys.platform}-{platform.machine()}",
    }
    there = {name: version for name in _LIBRARIES if (version := _version(name))}
    return found | there
