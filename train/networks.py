"""The networks that read digits. `train.registry` lists them by name."""

import keras
from keras import layers

from batch_predict.records import CLASSES, SIDE

from .batch_norm import BatchNorm

Stack = list[keras.Layer]


def article_code() -> keras.Model:
    """The network that the article's code builds: 257,162 parameters."""
    return _article(
        [*_plain(32), layers.MaxPooling2D(2), *_plain(64), layers.MaxPooling2D(2), *_plain(64)]
    )


def article_summary() -> keras.Model:
    """The network whose summary the article prints, one convolution deeper: 130,250 parameters."""
    pooled = [layer for _ in range(2) for layer in (layers.MaxPooling2D(2), *_plain(64))]
    return _article([*_plain(32), *pooled, layers.MaxPooling2D(2), *_plain(64)])


def _article(body: Stack) -> keras.Model:
    head = [layers.Dense(64, activation="relu"), layers.Dense(CLASSES, activation="softmax")]
    return keras.Sequential([layers.Input((SIDE, SIDE, 1)), *body, layers.Flatten(), *head])


def _plain(filters: int) -> Stack:
    return [layers.Conv2D(filters, 3, padding="same", activation="relu")]


def compact(middle: int = 3) -> keras.Model:
    """The shipped judge while it is trained: 12x12 after a stem that loses no pixel.

    What the article's network spends at 28x28 pays for twice the depth. `middle` is the number of
    convolutions at 6x6.
    """
    body = [
        *_stem(32), *_normed(32), *_normed(32), layers.MaxPooling2D(2),
        *(layer for _ in range(middle) for layer in _normed(64)), layers.MaxPooling2D(2),
        *_normed(96), *_normed(96),
    ]  # fmt: skip
    return _normalized(body, dropout=0.0)


def compact_deep() -> keras.Model:
    """`compact` with one convolution more at 6x6."""
    return compact(middle=4)


def screen() -> keras.Model:
    """What sees every picture, while it is trained: an eighteenth of `compact`'s work.

    Channels are multiples of 16, which a vector unit takes at a time.
    """
    body = [
        *_stem(16), layers.MaxPooling2D(2),
        *_normed(32), layers.MaxPooling2D(2),
        *_normed(64),
    ]  # fmt: skip
    return _normalized(body, dropout=0.0)


def teacher() -> keras.Model:
    """What `compact` learns from: the same plan, wider."""
    body = [
        *_stem(64), *_normed(96), *_normed(96), layers.MaxPooling2D(2),
        *_normed(192), *_normed(192), *_normed(192), layers.MaxPooling2D(2),
        *_normed(256), *_normed(256),
    ]  # fmt: skip
    return _normalized(body, dropout=0.3)


def _normalized(body: Stack, dropout: float) -> keras.Model:
    """Gives logits, always in float32."""
    head = [layers.Flatten(), layers.Dropout(dropout), layers.Dense(CLASSES, dtype="float32")]
    return keras.Sequential([layers.Input((SIDE, SIDE, 1)), *body, *head])


def _stem(filters: int) -> Stack:
    return [layers.Conv2D(filters, 6, 2, use_bias=False), BatchNorm(), layers.ReLU()]


def _normed(filters: int) -> Stack:
    convolution = layers.Conv2D(filters, 3, padding="same", use_bias=False)
    return [convolution, BatchNorm(), layers.ReLU()]
