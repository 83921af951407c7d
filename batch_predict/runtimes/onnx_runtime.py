"""ONNX Runtime on the model's `.onnx` file: starts in a tenth of TensorFlow's time."""

import os
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from batch_predict.errors import MissingExtraError, ModelError
from batch_predict.runtimes.exported import find_exported, tried
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.registry import Runtime
from batch_predict.runtimes.scale_probe import exported_runtime
from batch_predict.runtimes.sliced import sliced, thread_count

if find_spec("onnxruntime") is None:
    raise MissingExtraError("the runtime onnx", "onnx")


def load(model: ModelFile, batch_size: int) -> Runtime:
    """See `LoadRuntime`; the `.onnx` file lies beside the model."""
    exported = find_exported(model)
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # else it reports to its makers
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as ort

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the slices are the threads
    try:
        session = onnxruntime.InferenceSession(exported.content, options, ["CPUExecutionProvider"])
    except (ort.Fail, ort.InvalidProtobuf, ort.InvalidGraph, ort.NotImplemented) as error:
        raise ModelError(
            f"can't load the model {exported.path}: not a readable ONNX model"
        ) from error
    names = [each.name for each in session.get_inputs()]

    def run(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        (probabilities,) = session.run(None, dict(zip(names, (pixels,), strict=True)))
        return np.asarray(probabilities, np.float32)

    raised = (ValueError, ort.Fail, ort.InvalidArgument, ort.RuntimeException)
    tried(run, exported.path, raised)
    return exported_runtime(sliced([run] * thread_count()), model, exported.scale, batch_size)
