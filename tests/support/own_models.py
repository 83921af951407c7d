"""Models as people bring them: one classifier of digits, in every form, on every scale."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from tests.conftest import ROOT

Floats = NDArray[np.float64]
STEPS, RATE = 400, 0.5  # of gradient descent: all digits are right then, and not too sure
LAYOUTS = ((28, 28), (28, 28, 1), (784,), (1, 28, 28))
#: how the pixels are taken: low, high, the type, and the layers at the front
SCALES: dict[str, tuple[float, float, str, Callable[[], list[Any]]]] = {
    "float": (0, 1, "float32", list),
    "bytes": (0, 255, "float32", list),
    "integer": (0, 255, "uint8", lambda: [layers.Rescaling(1.0)]),
    "rescaled": (0, 255, "float32", lambda: [layers.Rescaling(1 / 255)]),
    "rescaled to -1..1": (0, 255, "float32", lambda: [layers.Rescaling(1 / 127.5, -1)]),
    "normalized": (
        *(0, 255, "float32"),
        lambda: [layers.Normalization(axis=None, mean=33.3, variance=6172.0)],
    ),
    "-1 to 1": (-1, 1, "float32", list),
    "-0.5 to 0.5": (-0.5, 0.5, "float32", list),
    "dark ink": (1, 0, "float32", list),
    "dark ink, bytes": (255, 0, "float32", list),
}


@cache
def digits() -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Pictures (n, 28, 28, 1) in [0, 1] and their digits."""
    with np.load(ROOT / "models" / "probe_digits.npz") as file:
        return (file["pixels"][..., None] / 255).astype(np.float32), file["labels"].astype(np.intp)


@cache
def classifier() -> tuple[Floats, Floats]:
    """Weights (784, 10) and biases of a softmax regression on `digits`."""
    pixels, labels = digits()
    x, wanted = pixels.reshape(len(pixels), -1).astype(np.float64), np.eye(10)[labels]
    weights, biases = np.zeros((784, 10)), np.zeros(10)
    for _ in range(STEPS):
        error = (softmax(x @ weights + biases) - wanted) / len(x)
        weights -= RATE * x.T @ error
        biases -= RATE * error.sum(axis=0)
    return weights, biases


def softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def expected(pixels: NDArray[np.float32]) -> Floats:
    """What the classifier answers to pictures (n, 28, 28, 1) in [0, 1]."""
    weights, biases = classifier()
    return softmax(pixels.reshape(len(pixels), -1).astype(np.float64) @ weights + biases)


def dense_weights(low: float, high: float) -> list[Floats]:
    """The classifier's, for inputs of which `low` is ground and `high` is ink."""
    weights, biases = classifier()
    factor = 1 / (high - low)
    return [weights * factor, biases - low * factor * weights.sum(axis=0)]


class OwnModel(keras.Model):
    """A subclass that can be saved with its config, but not be read without its code."""

    def __init__(self, stack: list[Any], **keywords: Any) -> None:
        super().__init__(**keywords)
        self.stack = stack

    def call(self, x: Any) -> Any:
        for layer in self.stack:
            x = layer(x)
        return x

    def get_config(self) -> dict[str, Any]:
        return {"stack": [keras.saving.serialize_keras_object(each) for each in self.stack]}


def make(form: str, layout: tuple[int, ...], end: str, scale: str) -> keras.Model:
    """A model; `form` is sequential, functional or subclass, `end` softmax, logits or named."""
    low, high, dtype, front = SCALES[scale]
    first = front()
    for layer in first:
        low, high = (float(np.ravel(layer(np.array([[each]])))[0]) for each in (low, high))
    dense = layers.Dense(10, None if end == "logits" else "softmax", name="digit")
    stack = [*front(), layers.Flatten(), dense]
    inputs = keras.Input(layout, dtype=dtype, name="picture")
    if form == "sequential":
        model = keras.Sequential([inputs, *stack])
    elif form == "functional":
        x = inputs
        for layer in stack:
            x = layer(x)
        named = end == "named"
        model = keras.Model({"picture": inputs} if named else inputs, {"digit": x} if named else x)
    else:
        model = OwnModel(stack)
        model(np.zeros((1, *layout), dtype))
    dense.set_weights(dense_weights(low, high))
    return model


def save(model: keras.Model, path: Path, *, keras_2: bool = False) -> Path:
    """Write `model` to `path`, with `keras_2` as Keras 2 wrote its HDF5 files."""
    model.save(path)
    if keras_2:
        with h5py.File(path, "r+") as file:
            config = _keras_2(json.loads(file.attrs["model_config"]))
            file.attrs["model_config"] = json.dumps(config)
            file.attrs["keras_version"] = "2.12.0"
    return path


def _keras_2(form: Any) -> Any:
    """The form of Keras 2 of a config: no modules, types by name, nodes as lists."""
    if isinstance(form, list):
        return [_keras_2(each) for each in form]
    if not isinstance(form, dict):
        return form
    if form.get("class_name") == "DTypePolicy":
        return form["config"]["name"]
    if form.get("class_name") == "__keras_tensor__":
        return None
    left_out = ("module", "registered_name", "build_config", "optional", "quantization_config")
    found = {k: _keras_2(v) for k, v in form.items() if k not in left_out and k != "inbound_nodes"}
    if "batch_shape" in found:
        found["batch_input_shape"] = found.pop("batch_shape")
    if "inbound_nodes" in form:
        found["inbound_nodes"] = [
            [[*arg["config"]["keras_history"], {}] for arg in node["args"]]
            for node in form["inbound_nodes"]
        ]
    return found
