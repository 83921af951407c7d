"""The networks by name, and what each one costs."""

from collections.abc import Callable
from math import prod
from typing import Final

import keras
from keras import layers

from batch_predict.records import CLASSES, SIDE


def article_code() -> keras.Model:
    """The network that the article's code builds: 257,162 parameters."""
    return keras.Sequential(
        [
            layers.Input((SIDE, SIDE, 1)),
            *_conv(32),
            layers.MaxPooling2D(2),
            *_conv(64),
            layers.MaxPooling2D(2),
            *_conv(64),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(CLASSES, activation="softmax"),
        ],
        name="article_code",
    )


def article_summary() -> keras.Model:
    """The network whose summary the article prints, one convolution deeper: 130,250 parameters."""
    return keras.Sequential(
        [
            layers.Input((SIDE, SIDE, 1)),
            *_conv(32),
            layers.MaxPooling2D(2),
            *_conv(64),
            layers.MaxPooling2D(2),
            *_conv(64),
            layers.MaxPooling2D(2),
            *_conv(64),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(CLASSES, activation="softmax"),
        ],
        name="article_summary",
    )


def _conv(filters: int) -> list[keras.Layer]:
    return [layers.Conv2D(filters, 3, padding="same", activation="relu")]


NETWORKS: Final[dict[str, Callable[[], keras.Model]]] = {
    "article-code": article_code,
    "article-summary": article_summary,
}


def multiply_adds(model: keras.Model) -> int:
    """Multiply-adds of one picture in convolutions and dense layers; the rest is small change."""
    return sum(_layer_cost(layer) for layer in model.layers)


def _layer_cost(layer: keras.Layer) -> int:
    if isinstance(layer, layers.Conv2D):
        _, height, width, _ = layer.output.shape
        return int(height * width * prod(layer.kernel.shape))
    if isinstance(layer, layers.Dense):
        return int(prod(layer.kernel.shape))
    return 0
