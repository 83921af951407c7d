"""ONNX Runtime on the model's `.onnx` file: starts in a tenth of TensorFlow's time."""

import os
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Final

import numpy as np

from batch_predict.errors import MissingExtraError, ModelError
from batch_predict.runtimes.classifier import Classifier, exported_classifier, tried
from batch_predict.runtimes.exported import Exported, find_exported
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.network import AnySize, Floats, Network
from batch_predict.runtimes.registry import Runtime
from batch_predict.runtimes.sliced import SLICE, slice_size, sliced, thread_count

if find_spec("onnxruntime") is None:
    raise MissingExtraError("the runtime onnx", "onnx")


def load_classifier(model: ModelFile, batch_size: int) -> Classifier:
    """See `LoadClassifier`; the `.onnx` file lies beside the model."""
    exported = find_exported(model)
    run, errors = _loaded(exported)
    tried(run, exported.path, errors)
    return exported_classifier(sliced([run] * thread_count(), SLICE), model, exported, batch_size)


def load_any_size(model: ModelFile, outputs: Sequence[str]) -> Network:
    """See `LoadAnySize`; the `.onnx` file lies beside the model."""
    exported = find_exported(model)
    run, errors = _loaded(exported, outputs)
    threads = thread_count()
    return AnySize(lambda shape: sliced([run] * threads, slice_size(shape)), exported.path, errors)


RUNTIME: Final = Runtime(load_classifier, load_any_size, find_exported)


def _loaded(
    exported: Exported, outputs: Sequence[str] | None = None
) -> tuple[Network, tuple[type[Exception], ...]]:
    """The network, which gives `outputs`, or all; and what it raises where pictures do not fit."""
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

    def run(values: Floats) -> tuple[Floats, ...]:
        answers = session.run(outputs, dict(zip(names, (values,), strict=True)))
        return tuple(np.asarray(each, np.float32) for each in answers)

    return run, (ValueError, ort.Fail, ort.InvalidArgument, ort.RuntimeException)
