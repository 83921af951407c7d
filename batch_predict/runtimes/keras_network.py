"""A user's Keras network, brought to one form: values (n, 28, 28, 1) -> probabilities (n, 10)."""

import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Final

from batch_predict.errors import ModelError
from batch_predict.records import CLASSES, SIDE
from batch_predict.runtimes.scale import BYTE, COMMON, scales_before
from batch_predict.runtimes.scale_probe import Told

_PICTURE: Final = (SIDE, SIDE, 1)
_PIXELS: Final = SIDE * SIDE
# Shapes of one picture that networks take; where a dimension is free, the first that fits.
_LAYOUTS: Final = (
    _PICTURE,
    (1, SIDE, SIDE),
    (SIDE, SIDE),
    (_PIXELS,),
    (_PIXELS, 1),
    (1, _PIXELS),
    (SIDE, SIDE, 3),
    (3, SIDE, SIDE),
)
# What may follow the layer that decides what the outputs are, or come before the one that scales.
_KEEPS_VALUES: Final = frozenset(
    "InputLayer Reshape Flatten Permute Dropout SpatialDropout2D Identity ActivityRegularization"
    " ZeroPadding2D Resizing CenterCrop RandomCrop RandomFlip RandomRotation RandomTranslation"
    " RandomZoom GaussianNoise ExpandDims Squeeze Cast".split()
)
# What Keras, h5py and the backends raised for 3,000 models damaged at random, with their kin.
# Keras makes objects of what a file says, so most are of Python's own kinds.
_LIBRARY_ERRORS: Final = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    EOFError,
    ImportError,  # a layer of another backend
    RuntimeError,  # RecursionError and NotImplementedError too
    MemoryError,  # a layer of 10^12 units
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
_LOGITS: Final = ("linear", "log_softmax")  # the softmax of either is the probabilities


def library_errors() -> tuple[type[Exception], ...]:
    """What Keras and its backend raise for a model that they can't load or run."""
    tensorflow = sys.modules.get("tensorflow")  # whose errors are of no kind of Python's
    return (*_LIBRARY_ERRORS, tensorflow.errors.OpError) if tensorflow else _LIBRARY_ERRORS


def in_one_form(keras: Any, model: Any, path: str) -> Any:
    """`model`, a loaded Keras model, as one that takes a batch of pictures and gives softmax.

    Raises:
        ModelError: there is no such form of it; the message says why.
    """
    taken, given = _inputs(model, path), model.outputs
    if len(taken) != 1:
        raise ModelError(f"a model takes one input, a picture; {path} takes {_named(taken)}")
    layout = _layout(taken[0].shape[1:])
    index = _digit_output(given, path) if layout else 0
    if layout is None or not _is_ten(given[index].shape):
        raise ModelError(
            f"a model maps {_PICTURE} to {CLASSES} outputs;"
            f" {path} maps {_shapes(taken)} to {_shapes(given)}"
        )
    end = _last_activation(given[index])
    if end != "softmax" and end not in _LOGITS:
        raise ModelError(f"a model ends in softmax or linear; {path} ends in {end}")
    if "string" in str(taken[0].dtype):
        raise ModelError(f"a model takes numbers; {path} takes text")
    if not _is_plain(model):
        model = _adapted(keras, model, layout, index, path)
    return model if end == "softmax" else keras.Sequential([model, keras.layers.Softmax()])


def told_scale(model: Any) -> Told:
    """What the form of a loaded model tells of its scale: its input's type, its first layers."""
    if "int" in str(model.inputs[0].dtype):
        return Told((BYTE, BYTE.inverse), BYTE)
    for layer in _layers(model):
        kind = type(layer).__name__
        if kind == "Rescaling":
            return _before(layer)
        if kind not in _KEEPS_VALUES:
            break
    return Told()


def _before(rescaling: Any) -> Told:
    try:
        fitting = scales_before(float(rescaling.scale), float(rescaling.offset))
    except TypeError:  # a number for each channel
        fitting = ()
    if not fitting:
        return Told()
    return Told((*fitting, *(each for each in COMMON if each not in fitting)), fitting[0])


def _layers(model: Any) -> Iterator[Any]:
    """The layers of `model` in order, and those of models in it."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _layers(layer)
        else:
            yield layer


def _inputs(model: Any, path: str) -> list[Any]:
    try:
        _structures(model)
        return list(model.inputs)
    except (AttributeError, ValueError, TypeError) as error:
        raise ModelError(
            f"can't use the model {path}: its input has no shape; call it once, then save it"
        ) from error


def _layout(shape: tuple[int | None, ...]) -> tuple[int, ...] | None:
    """The first of _LAYOUTS that `shape`, without the batch, allows; None: there is none."""
    for layout in _LAYOUTS:
        if len(layout) == len(shape) and all(
            have in (None, size) for have, size in zip(shape, layout, strict=True)
        ):
            return layout
    return None


def _is_ten(shape: tuple[int | None, ...]) -> bool:
    return [size for size in shape[1:] if size not in (1, None)] == [CLASSES]


def _digit_output(outputs: list[Any], path: str) -> int:
    """Which of `outputs` gives the digit; the first where none fits."""
    ten = [n for n, output in enumerate(outputs) if _is_ten(output.shape)]
    if len(ten) > 1:
        ten = [n for n in ten if _last_activation(outputs[n]) == "softmax"]
        if len(ten) != 1:
            raise ModelError(
                f"a model has one output of {CLASSES} numbers that ends in softmax;"
                f" {path} gives {_named(outputs)}: save one that gives the digit alone"
            )
    return ten[0] if ten else 0


def _last_activation(output: Any) -> str:
    """What makes the numbers of `output`: softmax, linear, or another, by its name."""
    while True:
        history = output._keras_history
        last = history.operation
        if hasattr(last, "outputs") and hasattr(last, "layers"):  # a model inside the model
            output = last.outputs[history.tensor_index]
        elif type(last).__name__ in _KEEPS_VALUES and type(last).__name__ != "InputLayer":
            output = last._inbound_nodes[history.node_index].input_tensors[0]
        else:
            name = getattr(getattr(last, "activation", None), "__name__", type(last).__name__)
            return str(name).lower().replace("logsoftmax", "log_softmax")


def _is_plain(model: Any) -> bool:
    """Whether it has the form already, up to a softmax; free batch, float32, nothing named."""
    return (
        (model.input_shape, model.output_shape) == ((None, *_PICTURE), (None, CLASSES))
        and not any(isinstance(each, dict | list | tuple) for each in _structures(model))
        and {str(each.dtype) for each in (*model.inputs, *model.outputs)} == {"float32"}
    )


def _structures(model: Any) -> tuple[Any, Any]:
    """Inputs and outputs as the model takes and gives them: a tensor, or a dict or list of some."""
    functional = getattr(model, "_functional", None) or model  # what a Sequential is inside
    return functional._inputs_struct, functional._outputs_struct


def _adapted(keras: Any, model: Any, layout: tuple[int, ...], index: int, path: str) -> Any:
    """`model` between what makes its input of a picture, and ten numbers of its output."""
    pixels = keras.Input(_PICTURE)
    try:
        x = keras.layers.Reshape(tuple(1 if size == 3 else size for size in layout))(pixels)
        if 3 in layout:  # a grey picture, in colour
            x = keras.layers.Concatenate(axis=1 + layout.index(3))([x, x, x])
        (taken,) = model.inputs
        x = keras.ops.cast(x, taken.dtype)
        answer = model(keras.tree.pack_sequence_as(_structures(model)[0], [x]))
        given = keras.tree.flatten(answer)[index]
        given = keras.layers.Reshape((CLASSES,))(keras.ops.cast(given, "float32"))
    except library_errors() as error:  # of the user's layers, at a shape
        raise ModelError(
            f"can't use the model {path} with pictures {layout}: {in_short(error)}"
        ) from error
    return keras.Model(pixels, given)


def _shapes(tensors: list[Any]) -> str:
    return " and ".join(str(tuple(each.shape)) for each in tensors)


def _named(tensors: list[Any]) -> str:
    return ", ".join(
        f"{each._keras_history.operation.name} {tuple(each.shape)}" for each in tensors
    )


_MOST_SHOWN: Final = 300  # characters
_WHOLE_CONFIG: Final = ("Full object config:", "using config=", "The TensorFlow Lite")


def in_short(error: BaseException) -> str:
    """What Keras says of `error`, layer and argument with it, without the whole model's config."""
    text = " ".join(str(error).split()) or type(error).__name__
    before, _, cause = text.rpartition("Exception encountered:")
    for mark in _WHOLE_CONFIG:
        before, cause = before.partition(mark)[0], cause.partition(mark)[0]
    words = f"{before.strip()} {cause.strip()}".strip()
    return words if len(words) <= _MOST_SHOWN else f"{words[:_MOST_SHOWN]}..."
