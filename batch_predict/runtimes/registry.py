"""Runtimes: the libraries that run networks. One module and one line here make a new one."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple, Protocol

from batch_predict.plugins import resolve
from batch_predict.runtimes.classifier import Classifier
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.network import Network

RUNTIMES: Final = {
    "keras": "batch_predict.runtimes.keras_runtime:RUNTIME",
    "onnx": "batch_predict.runtimes.onnx_runtime:RUNTIME",
    "openvino": "batch_predict.runtimes.openvino_runtime:RUNTIME",
}


class LoadClassifier(Protocol):
    """How a runtime loads a model of digits, a user's own too, brought to one form."""

    def __call__(self, model: ModelFile, batch_size: int) -> Classifier:
        """The model loaded, from the bytes that were hashed, and run once.

        It may take pixels on another scale than 0 to 1: see `Classifier`. It is called with whole
        batches.

        Raises:
            ModelError: the model is missing, unsafe, of the wrong shape, or another by now, or its
                scale can't be told.
            OutputError: no folder takes the temporary copy that the library reads.
            LimitError: the system does not give the threads that the library starts.
        """
        ...


class LoadAnySize(Protocol):
    """How a runtime loads a network of ours that takes pictures of several sizes."""

    def __call__(self, model: ModelFile, outputs: Sequence[str]) -> Network:
        """The network loaded, from the bytes that were hashed; it gives `outputs`, in that order.

        It takes any number of pictures, in slices of a fixed number, the last one padded: a
        picture's answer does not depend on what came with it. It is compiled for a size when the
        first pictures of that come, and raises ModelError where it does not take it.

        Raises:
            ModelError: the file is missing, unsafe, or another by now.
            OutputError, LimitError: see `LoadClassifier`.
        """
        ...


def _is_checked(model: ModelFile) -> None:
    """The runtime loads the very file that `find_model` has checked."""


class Runtime(NamedTuple):
    """What a library does for the program; it is imported when a network is loaded."""

    load_classifier: LoadClassifier
    load_any_size: LoadAnySize
    # Raises ModelError where the file that would be loaded is missing, or is another model's.
    check_file: Callable[[ModelFile], object] = _is_checked


#: a name -> its runtime; raises as `resolve`
find_runtime: Final[Callable[[str], Runtime]] = partial(resolve, "runtime", RUNTIMES)
