"""Our networks as ONNX files, written layer by layer: no backend is asked to trace them."""

from collections.abc import Callable
from typing import Any, Final

import keras
import numpy as np
import onnx
from keras import layers
from numpy.typing import ArrayLike, NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET: Final = 17
IR_VERSION: Final = 8  # of that opset: older runtimes read it
_FLOAT: Final = TensorProto.FLOAT


class _Graph:
    """Nodes and constants in the making; a tensor is known by its name."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """One node with one output, whose name is given back."""
        self.nodes.append(helper.make_node(kind, inputs, [output], output, **attributes))
        return output

    def constant(self, name: str, values: ArrayLike) -> str:
        """One float32 constant, whose name is given back."""
        array = np.array(values, np.float32, order="C")
        self.constants.append(numpy_helper.from_array(array, name))
        return name


def to_onnx(model: keras.Model) -> onnx.ModelProto:
    """`model` with the same inputs and outputs: any number of pictures.

    Of the layers in `_WRITERS`, one input (n, height, width, channels); outputs by name, that of a
    Sequential "probabilities". Inside, channels come first.

    Raises:
        KeyError: a layer of another kind.
    """
    graph = _Graph()
    if isinstance(model, keras.Sequential):
        given, outputs = model.inputs[0], {"probabilities": model.outputs[0]}
        inside = {"probabilities": _chain(graph, model)}
    else:
        given, outputs = model.input, dict(model.output)
        inside = _network(graph, model)
    for name, tensor in outputs.items():
        if len(tensor.shape) == 4:
            graph.add("Transpose", [inside[name]], name, perm=[0, 2, 3, 1])
        else:
            graph.add("Identity", [inside[name]], name)
    proto = helper.make_model(
        helper.make_graph(
            graph.nodes,
            model.name,
            [_value(given.name, given)],
            [_value(name, tensor) for name, tensor in outputs.items()],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="batch_predict",
    )
    onnx.checker.check_model(proto, full_check=True)
    return proto


def _chain(graph: _Graph, model: keras.Sequential) -> str:
    """The layers one after the other; gives the last one's tensor."""
    name = _channels_first(graph, model.inputs[0].name)
    for layer in model.layers:
        name = _WRITERS[type(layer)](graph, layer, [name])
    return name


def _network(graph: _Graph, model: keras.Model) -> dict[str, str]:
    """A functional model's layers; gives its outputs' tensors by name."""
    tensors: dict[int, str] = {}
    for layer in model.layers:
        if isinstance(layer, layers.InputLayer):
            name = _channels_first(graph, layer.name)
        else:
            given = layer.input if isinstance(layer.input, list) else [layer.input]
            inputs = [tensors[id(tensor)] for tensor in given]
            name = _WRITERS[type(layer)](graph, layer, inputs)
        tensors[id(layer.output)] = name
    return {name: tensors[id(tensor)] for name, tensor in dict(model.output).items()}


def _channels_first(graph: _Graph, given: str) -> str:
    return graph.add("Transpose", [given], f"{given}_chw", perm=[0, 3, 1, 2])


def _value(name: str, tensor: keras.KerasTensor) -> onnx.ValueInfoProto:
    free = ("pictures", "height", "width")
    shape = [size or free[axis] for axis, size in enumerate(tensor.shape)]
    return helper.make_tensor_value_info(name, _FLOAT, shape)


def _name(layer: keras.Layer) -> str:
    return f"{layer.name}_chw"


def _standardization(graph: _Graph, layer: keras.Layer, inputs: list[str]) -> str:
    """A GroupNormalization of one group that learns nothing: each picture by itself."""
    name, axes = layer.name, [1, 2, 3]
    mean = graph.add("ReduceMean", inputs, f"{name}_mean", axes=axes)
    centred = graph.add("Sub", [*inputs, mean], f"{name}_centred")
    square = graph.add("Mul", [centred, centred], f"{name}_square")
    variance = graph.add("ReduceMean", [square], f"{name}_variance", axes=axes)
    epsilon = graph.constant(f"{name}_epsilon", layer.epsilon)
    above = graph.add("Add", [variance, epsilon], f"{name}_above")
    deviation = graph.add("Sqrt", [above], f"{name}_deviation")
    return graph.add("Div", [centred, deviation], _name(layer))


def _convolution(graph: _Graph, layer: keras.Layer, inputs: list[str]) -> str:
    kernel, bias = layer.get_weights()
    linear = f"{layer.name}_linear"
    graph.add(
        "Conv",
        [*inputs, *_weights(graph, layer, kernel.transpose(3, 2, 0, 1), bias)],
        linear,
        **_window(layer),
    )
    return _activated(graph, layer, linear)


def _transposed(graph: _Graph, layer: keras.Layer, inputs: list[str]) -> str:
    kernel, bias = layer.get_weights()
    weights = _weights(graph, layer, kernel.transpose(3, 2, 0, 1), bias)
    return graph.add("ConvTranspose", [*inputs, *weights], _name(layer), **_window(layer))


def _weights(
    graph: _Graph, layer: keras.Layer, kernel: NDArray[np.float32], bias: NDArray[np.float32]
) -> list[str]:
    return [
        graph.constant(f"{layer.name}_kernel", kernel),
        graph.constant(f"{layer.name}_bias", bias),
    ]


def _window(layer: keras.Layer) -> dict[str, list[int]]:
    """Kernel, stride and padding ("same" is of a side that the stride divides)."""
    windows = list(zip(layer.kernel_size, layer.strides, strict=True))
    around = [kernel - stride if layer.padding == "same" else 0 for kernel, stride in windows]
    before = [each // 2 for each in around]
    after = [each - each // 2 for each in around]
    return {
        "kernel_shape": list(layer.kernel_size),
        "strides": list(layer.strides),
        "pads": [*before, *after],
    }


def _dense(graph: _Graph, layer: keras.Layer, inputs: list[str]) -> str:
    weights = _weights(graph, layer, *layer.get_weights())
    linear = graph.add("Gemm", [*inputs, *weights], f"{layer.name}_linear")
    return _activated(graph, layer, linear)


def _activated(graph: _Graph, layer: keras.Layer, linear: str) -> str:
    kind = _ACTIVATIONS[layer.activation.__name__]
    return graph.add(kind, [linear], _name(layer))


def _activation(graph: _Graph, layer: keras.Layer, inputs: list[str]) -> str:
    return _activated(graph, layer, inputs[0])


def _upsampling(graph: _Graph, layer: keras.Layer, inputs: list[str]) -> str:
    scales = graph.constant(f"{layer.name}_scales", [1, 1, *layer.size])
    return graph.add(
        "Resize",
        [*inputs, "", scales],
        _name(layer),
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )


def _max_pooling(graph: _Graph, layer: keras.Layer, inputs: list[str]) -> str:
    return graph.add(
        "MaxPool",
        inputs,
        _name(layer),
        kernel_shape=list(layer.pool_size),
        strides=list(layer.strides),
    )


def _pooled_whole(kind: str) -> "_Writer":
    def write(graph: _Graph, layer: keras.Layer, inputs: list[str]) -> str:
        if layer.keepdims:
            return graph.add(kind, inputs, _name(layer))
        pooled = graph.add(kind, inputs, f"{layer.name}_11")
        return graph.add("Flatten", [pooled], _name(layer))

    return write


def _flatten(graph: _Graph, layer: keras.Layer, inputs: list[str]) -> str:
    """In Keras's order, channels last."""
    last = graph.add("Transpose", inputs, f"{layer.name}_hwc", perm=[0, 2, 3, 1])
    return graph.add("Flatten", [last], _name(layer))


def _add(graph: _Graph, layer: keras.Layer, inputs: list[str]) -> str:
    return graph.add("Add", inputs, _name(layer))


def _concatenation(graph: _Graph, layer: keras.Layer, inputs: list[str]) -> str:
    return graph.add("Concat", inputs, _name(layer), axis=1)


_ACTIVATIONS: Final = {
    "relu": "Relu",
    "linear": "Identity",
    "sigmoid": "Sigmoid",
    "softmax": "Softmax",
}
_Writer = Callable[[_Graph, keras.Layer, list[str]], str]
_WRITERS: Final[dict[type[keras.Layer], _Writer]] = {
    layers.GroupNormalization: _standardization,
    layers.Conv2D: _convolution,
    layers.Conv2DTranspose: _transposed,
    layers.Flatten: _flatten,
    layers.Dense: _dense,
    layers.Activation: _activation,
    layers.UpSampling2D: _upsampling,
    layers.MaxPooling2D: _max_pooling,
    layers.GlobalAveragePooling2D: _pooled_whole("GlobalAveragePool"),
    layers.GlobalMaxPooling2D: _pooled_whole("GlobalMaxPool"),
    layers.Add: _add,
    layers.Concatenate: _concatenation,
}
