"""Runtimes: what turns pixels into probabilities. One module and one line here make a new one."""

from collections.abc import Callable
from functools import partial
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from batch_predict.plugins import resolve
from batch_predict.runtimes.model_file import ModelFile

#: pixels (n, 28, 28, 1) float32 in [0, 1] -> probabilities (n, 10) float32
Runtime: TypeAlias = Callable[[NDArray[np.float32]], NDArray[np.float32]]

RUNTIMES: Final = {
    "keras": "batch_predict.runtimes.keras_runtime:load",
    "onnx": "batch_predict.runtimes.onnx_runtime:load",
    "openvino": "batch_predict.runtimes.openvino_runtime:load",
}


class LoadRuntime(Protocol):
    """What a runtime's `load` looks like."""

    def __call__(self, model: ModelFile, batch_size: int) -> Runtime:
        """The runtime with its model loaded, from the bytes that were hashed.

        A model may take pixels on another scale than 0 to 1: see `ScaledRuntime`.

        Raises:
            ModelError: the model is missing, unsafe, of the wrong shape, or another by now, or its
                scale can't be told.
            OutputError: no folder takes the temporary copy that the library reads.
            LimitError: the system does not give the threads that the library starts.
        """
        ...


#: a name -> its runtime's `load`, which imports the library when it is called; raises as `resolve`
find_runtime: Final[Callable[[str], LoadRuntime]] = partial(resolve, "runtime", RUNTIMES)
