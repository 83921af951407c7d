"""What a network costs."""

from math import prod

import keras
from keras import layers


def multiply_adds(model: keras.Model) -> int:
    """Multiply-adds of one picture in convolutions and dense layers; the rest is small change.

    The model's input has a fixed size.
    """
    return sum(_layer_cost(layer) for layer in model.layers)


def _layer_cost(layer: keras.Layer) -> int:
    if isinstance(layer, keras.Model):
        return multiply_adds(layer)
    if isinstance(layer, layers.Conv2DTranspose):  # each pixel that it reads meets the kernel
        _, height, width, _ = layer.input.shape
    elif isinstance(layer, layers.Conv2D):
        _, height, width, _ = layer.output.shape
    elif isinstance(layer, layers.Dense):
        height = width = 1
    else:
        return 0
    return int(height * width * prod(layer.kernel.shape))
