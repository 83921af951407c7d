"""A model's `.onnx` file, for the runtimes onnx and openvino: `python -m train export`."""

import os
import warnings

import numpy as np
import onnx

from batch_predict.errors import ModelError
from batch_predict.records import SIDE
from batch_predict.runtimes.exported import SOURCE_KEY
from batch_predict.runtimes.keras_runtime import load_model
from batch_predict.storage.staging import sha256, staging


def export(model_path: str) -> str:
    """Write the `.onnx` file of the model at `model_path` beside it; returns its path.

    It holds what the Keras runtime computes, softmax included, and the sha256 of its source.

    Raises:
        ModelError: the model can't be read or is none that the job takes.
        OutputError: the file can't be written.
    """
    try:
        source = sha256(model_path)
    except OSError as error:
        raise ModelError(f"can't read the model {model_path}: {error.strerror}") from error
    model = load_model(model_path)
    model(np.zeros((1, SIDE, SIDE, 1), np.float32))  # Keras exports only what was called
    target = f"{os.path.splitext(model_path)[0]}.onnx"
    with staging() as staged, warnings.catch_warnings():
        path = staged.add(target)
        # Keras asks NumPy for an attribute that it removed.
        warnings.filterwarnings("ignore", r"In the future `np\.object`", FutureWarning)
        model.export(path, format="onnx", verbose=False)
        proto = onnx.load(path)
        onnx.helper.set_model_props(proto, {SOURCE_KEY: source})
        onnx.save(proto, path)
        staged.commit()
    return target
