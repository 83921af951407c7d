"""The ink network as training uses it: on ONNX Runtime, whatever Keras runs on."""

from functools import cache

from batch_predict.marking import Marker
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.ink import Ink, find_ink


@cache
def marker() -> Marker:
    """What marks pictures in this process; raises as `find_ink` and `find_runtime`."""
    return Marker(Ink.of(find_ink(), find_runtime("onnx")))
