"""A model's `.onnx` file, for the runtimes onnx and openvino: `python -m train export`."""

import os
import warnings
from typing import Final

import keras
import onnx

from batch_predict.errors import UsageError
from batch_predict.runtimes.exported import SCALE_KEY, SOURCE_KEY, scale_entry, sealed
from batch_predict.runtimes.keras_runtime import load_network
from batch_predict.runtimes.model_file import INK, find_model
from batch_predict.runtimes.scale import BYTE, Scale
from batch_predict.storage.staging import staging

from .onnx_writer import to_onnx
from .ownership import check_export
from .registry import CLASSIFIERS

_BATCH: Final = 64  # pictures, while the model's scale is found


def export(model_path: str, *, overwrite: bool = False) -> str:
    """Write the `.onnx` file of the model at `model_path` beside it; returns its path.

    Only with `overwrite` does it replace a file that is no export.

    It holds what the Keras runtime computes, softmax included, the sha256 of its source, and
    the scale on which it takes pixels.

    Raises:
        UsageError: another file is there, or Keras's backend can't export such a network.
        ModelError: the model can't be read or is none that the job takes.
        OutputError: the file can't be written.
    """
    model = find_model(model_path)
    target = f"{os.path.splitext(model.path)[0]}.onnx"
    check_export(target, overwrite=overwrite)
    name = (model.card or {}).get("network")
    if name == INK:
        network, scale = keras.saving.load_model(model.path, compile=False), BYTE
    else:
        network, scale = load_network(model, _BATCH)  # which runs it: Keras exports what was called
    with staging() as staged:
        path = staged.add(target)
        is_ours = name == INK or name in CLASSIFIERS
        proto = to_onnx(network) if is_ours else _traced(network, path)
        save_exported(proto, path, model.sha256, scale)
        staged.commit()
    return target


def save_exported(proto: onnx.ModelProto, path: str, source_sha256: str, scale: Scale) -> None:
    """Write `proto`, made from the model of that hash, which takes pixels on `scale`, to `path`."""
    entries = {SOURCE_KEY: source_sha256, SCALE_KEY: scale_entry(scale)}
    onnx.helper.set_model_props(proto, entries)
    with open(path, "wb") as file:
        file.write(sealed(proto.SerializeToString()))


def _traced(network: keras.Model, path: str) -> onnx.ModelProto:
    """A network of any kind, by Keras's own export, which writes to `path`."""
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise UsageError(f"a network of one's own is exported by TensorFlow, received {backend}")
    with warnings.catch_warnings():
        # Keras asks NumPy for an attribute that it removed.
        warnings.filterwarnings("ignore", r"In the future `np\.object`", FutureWarning)
        network.export(path, format="onnx", verbose=False)
    return onnx.load(path)
