"""OpenVINO on the model's `.onnx` file, in float32."""

import os
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from typing import Any, Final

import numpy as np

from batch_predict.errors import MissingExtraError, ModelError
from batch_predict.records import SIDE
from batch_predict.runtimes.classifier import Classifier, exported_classifier, tried
from batch_predict.runtimes.exported import Exported, find_exported
from batch_predict.runtimes.forked import check_process
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.network import AnySize, Floats, Network, Shape
from batch_predict.runtimes.quick_import import hidden
from batch_predict.runtimes.registry import Runtime
from batch_predict.runtimes.sliced import SLICE, slice_size, sliced, thread_count

if find_spec("openvino") is None:
    raise MissingExtraError("the runtime openvino", "openvino")

# Where the processor has bfloat16, OpenVINO takes it unasked: probabilities off by up to 0.018.
_PRECISION: Final = {"INFERENCE_PRECISION_HINT": "f32"}


def load_classifier(model: ModelFile, batch_size: int) -> Classifier:
    """See `LoadClassifier`; the `.onnx` file lies beside the model."""
    core, network, exported = _read(model)
    with suppress(RuntimeError):  # of another form: what it is tried with fails, in words
        network.reshape([SLICE, SIDE, SIDE, 1])
    runs = _compiled(core, network)
    # Two threads at the first inference of a process deadlock (2026.4): one holds the guard of a
    # static variable and waits for the interpreter's lock, the other the other way round.
    tried(runs[0], exported.path, (ValueError, RuntimeError))
    return exported_classifier(sliced(runs, SLICE), model, exported, batch_size)


def load_any_size(model: ModelFile, outputs: Sequence[str]) -> Network:
    """See `LoadAnySize`; the `.onnx` file lies beside the model."""
    core, network, exported = _read(model)

    def of_size(shape: Shape) -> Network:
        size = slice_size(shape)
        network.reshape([size, *shape])
        return sliced(_compiled(core, network, outputs), size)

    return AnySize(of_size, exported.path, (RuntimeError, KeyError))


RUNTIME: Final = Runtime(load_classifier, load_any_size, find_exported)


@cache
def _first_process() -> int:
    return os.getpid()


def _read(model: ModelFile) -> tuple[Any, Any, Exported]:
    check_process("OpenVINO", began_in=_first_process())
    exported = find_exported(model)
    with hidden("openvino_telemetry"):  # else it reports to its makers; it does without
        import openvino

    core = openvino.Core()
    try:
        return core, core.read_model(exported.content), exported
    except RuntimeError as error:
        raise ModelError(
            f"can't load the model {exported.path}: not a readable ONNX model"
        ) from error


def _compiled(core: Any, network: Any, outputs: Sequence[str] | None = None) -> list[Network]:
    """The network for each thread; it gives `outputs`, or all."""
    count = thread_count()
    streams = {"NUM_STREAMS": count, "INFERENCE_NUM_THREADS": count}
    compiled = core.compile_model(network, "CPU", _PRECISION | streams)
    keys = outputs or range(len(compiled.outputs))
    return [_run(compiled.create_infer_request(), keys) for _ in range(count)]


def _run(request: Any, keys: Sequence[str] | range) -> Network:
    def run(values: Floats) -> tuple[Floats, ...]:
        answers = request.infer(values, share_inputs=True, share_outputs=True)
        # Copies: the request is used again.
        return tuple(np.array(answers[key], np.float32) for key in keys)

    return run
