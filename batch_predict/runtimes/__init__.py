"""Runtimes: what turns pixels into probabilities. One module and one line here make a new one."""

from collections.abc import Callable
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from batch_predict.plugins import resolve

#: pixels (n, 28, 28, 1) float32 in [0, 1] -> probabilities (n, 10) float32
Runtime: TypeAlias = Callable[[NDArray[np.float32]], NDArray[np.float32]]

RUNTIMES: Final = {
    "keras": "batch_predict.runtimes.keras_runtime:load",
    "onnx": "batch_predict.runtimes.onnx_runtime:load",
    "openvino": "batch_predict.runtimes.openvino_runtime:load",
}


class LoadRuntime(Protocol):
    """What a runtime's `load` looks like."""

    def __call__(self, model_path: str, batch_size: int, threads: int) -> Runtime:
        """The runtime with its model loaded; `threads` 0 leaves the number to the library.

        Raises:
            ModelError: the model is missing, unsafe, or of the wrong shape.
        """
        ...


def find_runtime(name: str) -> LoadRuntime:
    """The `load` of the runtime `name`; its library is imported when that is called.

    Raises:
        UsageError: there is no such runtime.
        MissingExtraError: the runtime's library is not installed.
    """
    load: LoadRuntime = resolve("runtime", RUNTIMES, name)
    return load
