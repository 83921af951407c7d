"""OpenVINO on the model's `.onnx` file, in float32."""

import os
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.errors import MissingExtraError, ModelError
from batch_predict.records import SIDE
from batch_predict.runtimes.exported import find_exported, tried
from batch_predict.runtimes.forked import check_process
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.quick_import import hidden
from batch_predict.runtimes.registry import Runtime
from batch_predict.runtimes.scale_probe import exported_runtime
from batch_predict.runtimes.sliced import SLICE, sliced, thread_count

if find_spec("openvino") is None:
    raise MissingExtraError("the runtime openvino", "openvino")

# Where the processor has bfloat16, OpenVINO takes it unasked: probabilities off by up to 0.018.
_PRECISION: Final = {"INFERENCE_PRECISION_HINT": "f32"}


def load(model: ModelFile, batch_size: int) -> Runtime:
    """See `LoadRuntime`; the `.onnx` file lies beside the model."""
    check_process("OpenVINO", began_in=_first_process())
    exported = find_exported(model)
    with hidden("openvino_telemetry"):  # else it reports to its makers; it does without
        import openvino

    count = thread_count()
    streams = {"NUM_STREAMS": count, "INFERENCE_NUM_THREADS": count}
    core = openvino.Core()
    try:
        network = core.read_model(exported.content)
    except RuntimeError as error:
        raise ModelError(
            f"can't load the model {exported.path}: not a readable ONNX model"
        ) from error
    with suppress(RuntimeError):  # of another form: what it is tried with fails, in words
        network.reshape([SLICE, SIDE, SIDE, 1])
    compiled = core.compile_model(network, "CPU", _PRECISION | streams)
    runs = [_run(compiled.create_infer_request()) for _ in range(count)]
    # Two threads at the first inference of a process deadlock (2026.4): one holds the guard of a
    # static variable and waits for the interpreter's lock, the other the other way round.
    tried(runs[0], exported.path, (ValueError, RuntimeError))
    return exported_runtime(sliced(runs), model, exported.scale, batch_size)


@cache
def _first_process() -> int:
    return os.getpid()


def _run(request: Any) -> Runtime:
    def run(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        (probabilities,) = request.infer(pixels, share_inputs=True, share_outputs=True).values()
        return np.array(probabilities, np.float32)  # a copy: the request is used again

    return run
