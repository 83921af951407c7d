"""Runtimes: what turns pixels into probabilities. One module and one line here make a new one."""

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from batch_predict.plugins import resolve

#: pixels (n, 28, 28, 1) float32 in [0, 1] -> probabilities (n, 10) float32
Runtime: TypeAlias = Callable[[NDArray[np.float32]], NDArray[np.float32]]

RUNTIMES: Final = {"keras": "batch_predict.runtimes.keras_runtime:load"}


def load_runtime(name: str, model_path: str, batch_size: int, threads: int) -> Runtime:
    """The runtime `name` with its model loaded; `threads` 0 leaves the number to the library.

    Raises:
        UsageError: there is no such runtime.
        ModelError: the model is missing, unsafe, or of the wrong shape.
        MissingExtraError: the runtime's library is not installed.
    """
    runtime: Runtime = resolve("runtime", RUNTIMES, name)(model_path, batch_size, threads)
    return runtime
