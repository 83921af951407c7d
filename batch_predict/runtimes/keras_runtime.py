"""The default runtime: Keras on TensorFlow, `model.predict_on_batch`."""

import logging
import os
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import Any, Final, NamedTuple

import numpy as np

from batch_predict.errors import MissingExtraError, ModelError, OutputError
from batch_predict.process.held_stderr import quiet_stderr
from batch_predict.process.limits import check_threads
from batch_predict.records import SIDE
from batch_predict.runtimes.classifier import Classifier
from batch_predict.runtimes.forked import check_tensorflow, has_threads
from batch_predict.runtimes.keras_network import in_one_form, in_short, library_errors, told_scale
from batch_predict.runtimes.model_file import FORMATS, SAVE, ModelFile
from batch_predict.runtimes.network import AnySize, Floats, Network, Shape
from batch_predict.runtimes.plain_settings import plain_settings
from batch_predict.runtimes.registry import Runtime
from batch_predict.runtimes.scale import Scale
from batch_predict.runtimes.scale_probe import Told, find_scale
from batch_predict.runtimes.sliced import slice_size, sliced
from batch_predict.temporary_folders import temporary_folder


def _check_installed(library: str) -> None:
    """Raises MissingExtraError where `library` is not installed."""
    if find_spec(library) is None:
        raise MissingExtraError("the runtime keras", "keras", instead="use --runtime onnx")


_check_installed("keras")

#: that TensorFlow 2.21 starts; it ends the process where one can't be
THREADS_PER_CORE: Final = 4
# Of all pictures of a slice. Each call costs half a millisecond beside the network, and the cores
# share a slice: on `ink` and two cores, a quarter of these take 20% more CPU time.
_PIXELS_A_SLICE: Final = 4 * 192 * 192
# Slices that are predicted at the same time: while one finishes on some of the cores, the next can
# begin on the others.
_AT_A_TIME: Final = 2


class LoadedNetwork(NamedTuple):
    """A Keras model of values (n, 28, 28, 1) on `scale` -> probabilities (n, 10)."""

    network: Any
    scale: Scale


def load_classifier(model: ModelFile, batch_size: int) -> Classifier:
    """See `LoadClassifier`; it is one with `load_network`."""
    loaded = load_network(model, batch_size)
    return Classifier(_run(loaded.network), loaded.scale)


def load_any_size(model: ModelFile, outputs: Sequence[str]) -> Network:
    """See `LoadAnySize`; Keras traces a graph of its own for each size."""
    with _begun() as keras:
        network = _read(keras, model)

    def of_size(shape: Shape) -> Network:
        size = slice_size(shape, _PIXELS_A_SLICE)
        with quiet_stderr():
            pictures = keras.Input(batch_shape=(size, *shape))
            answers = network(pictures)
            fixed = keras.Model(pictures, [answers[name] for name in outputs])
        return sliced([_run(fixed)] * _AT_A_TIME, size)

    return AnySize(of_size, model.path, library_errors())


RUNTIME: Final = Runtime(load_classifier, load_any_size)


def load_network(model: ModelFile, batch_size: int) -> LoadedNetwork:
    """The network in a `.keras` or `.h5` file, read in safe mode, with softmax at its end.

    Raises:
        ModelError, OutputError, LimitError: see `LoadClassifier`.
    """
    with _begun() as keras:
        network, told = _fitted(keras, model)
        run = _run(network)
        try:
            run(np.zeros((batch_size, SIDE, SIDE, 1), np.float32))
        except library_errors() as error:
            if is_out_of_memory(error):
                raise ModelError(
                    f"there is no memory to run the model {model.path} on {batch_size} pictures at"
                    " a time: a smaller --batch-size needs less"
                ) from error
            raise ModelError(f"can't run the model {model.path}: {in_short(error)}") from error
        return LoadedNetwork(network, find_scale(run, model, told, batch_size))


@contextmanager
def _begun() -> Iterator[Any]:
    """Keras, with its backend, and quiet on stderr in the block.

    Raises:
        ModelError, LimitError: see `LoadClassifier`.
        MissingExtraError: TensorFlow is not installed, though Keras is.
    """
    if "keras" not in sys.modules:  # a program may have imported it with another backend
        _check_installed("tensorflow")
    check_tensorflow()
    if not has_threads("tf_"):
        check_threads(THREADS_PER_CORE * len(os.sched_getaffinity(0)), "TensorFlow")
    with quiet_stderr():
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        with plain_settings():
            import keras
        logging.getLogger("tensorflow").addFilter(_is_no_retracing)
        yield keras


def _is_no_retracing(said: logging.LogRecord) -> bool:
    """TensorFlow warns of the fifth graph that `predict_on_batch` gets; ours are one a size."""
    return "make_predict_function" not in said.getMessage()


def is_out_of_memory(error: Exception) -> bool:
    """Whether a backend raised `error` because it found no memory."""
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


def _run(network: Any) -> Network:
    def run(values: Floats) -> tuple[Floats, ...]:
        answers = network.predict_on_batch(values)
        several = answers if isinstance(answers, list) else [answers]
        return tuple(np.asarray(each, np.float32) for each in several)

    return run


def _fitted(keras: Any, model: ModelFile) -> tuple[Any, Told]:
    read = _read(keras, model)
    return in_one_form(keras, read, model.path), told_scale(read)


def _read(keras: Any, model: ModelFile) -> Any:
    """The Keras model in the file, from a copy of the bytes that were hashed."""
    content = model.read()
    suffix = next((FORMATS[start] for start in FORMATS if content.startswith(start)), ".keras")
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(temporary_folder())
            copy = os.path.join(folder, f"model{suffix}")
            with open(copy, "wb") as file:
                file.write(content)
        except OSError as error:
            mend = "set TMPDIR to a folder that takes files"
            why = f"{error.strerror}; {mend}"
            raise OutputError(f"can't write a temporary copy of the model: {why}") from error
        del content
        try:
            return keras.saving.load_model(copy, compile=False, safe_mode=True)
        except library_errors() as error:
            why = _why(copy, error, model.path)
            raise ModelError(f"can't load the model {model.path}: {why}") from error


def _why(copy: str, error: Exception, path: str) -> str:
    """Why Keras can't load the file at `copy`, and what it says of it."""
    said = in_short(error).replace(copy, path)
    if "unsafe" in str(error) or "safe_mode" in str(error) or "Lambda" in str(error):
        return f"it holds a Lambda layer or other code, which is not run: {said}"
    if "custom" in str(error) or "Could not locate class" in str(error):
        return f"it needs custom code, which is not run: {said}"
    if _holds_weights_only(copy, error):
        return f"it holds weights only; {SAVE}"
    return f"not a readable Keras model: {said}"


def _holds_weights_only(copy: str, error: Exception) -> bool:
    if not zipfile.is_zipfile(copy):
        return "No model config found" in str(error)
    with zipfile.ZipFile(copy) as archive:
        names = archive.namelist()
    return "model.weights.h5" in names and "config.json" not in names
