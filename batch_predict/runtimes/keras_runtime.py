"""The default runtime: Keras on TensorFlow, `model.predict_on_batch`."""

import os
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batch_predict.errors import ModelError
from batch_predict.process.stdio import quiet_stderr
from batch_predict.records import CLASSES, SIDE
from batch_predict.runtimes.registry import Runtime


def load(model_path: str, batch_size: int) -> Runtime:
    """See `LoadRuntime`; the model is run once, so that it is compiled."""
    model = load_model(model_path)
    with quiet_stderr():
        model.predict_on_batch(np.zeros((batch_size, SIDE, SIDE, 1), np.float32))

    def runtime(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(model.predict_on_batch(pixels), np.float32)

    return runtime


def load_model(path: str) -> Any:
    """The Keras model in a `.keras` or `.h5` file, read in safe mode, with softmax at its end.

    Raises:
        ModelError: not a model, unsafe, not (28, 28, 1) -> 10, or without softmax or linear end.
    """
    with quiet_stderr():
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        os.environ.setdefault("KERAS_BACKEND", "tensorflow")
        import keras

        return _with_softmax(keras, _read(keras, path), path)


def _read(keras: Any, path: str) -> Any:
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, zipfile.BadZipFile) as error:
        if "unsafe" in str(error) or "safe_mode" in str(error) or "Lambda" in str(error):
            why = "it holds a Lambda layer or other code, which is not run"
        elif "custom" in str(error):
            why = "it needs custom code, which is not run"
        else:
            why = "not a readable Keras model"
        raise ModelError(f"can't load the model {path}: {why}") from error


def _with_softmax(keras: Any, model: Any, path: str) -> Any:
    shapes = (model.input_shape, model.output_shape)
    if shapes != ((None, SIDE, SIDE, 1), (None, CLASSES)):
        raise ModelError(
            f"a model maps (28, 28, 1) to 10 outputs; {path} maps {shapes[0]} to {shapes[1]}"
        )
    activation = _last_activation(model)
    if activation == "softmax":
        return model
    if activation == "linear":
        return keras.Sequential([model, keras.layers.Softmax()])
    raise ModelError(f"a model ends in softmax or linear; {path} ends in {activation}")


def _last_activation(model: Any) -> str:
    last = model
    while hasattr(last, "outputs"):  # a model inside the model
        last = last.outputs[0]._keras_history.operation
    name = getattr(getattr(last, "activation", None), "__name__", type(last).__name__)
    return str(name).lower()
