"""From a trained model to the file that the job loads."""

import keras
import numpy as np
from keras import layers

from batch_predict.records import SIDE
from train.layers import FusedBatchNorm


def save(model: keras.Model, path: str) -> None:
    """Write layers and weights to a .keras or .h5 file; the optimizer would triple its size."""
    bare = model.__class__.from_config(model.get_config())
    bare.set_weights(model.get_weights())
    bare.save(path)


def fold(model: keras.Model, temperature: float = 1.0) -> keras.Model:
    """`model` (logits, batch-normalized) as a plain float32 network with softmax at its end.

    Each normalization goes into the convolution before it, and `temperature` into the last layer.
    No label changes. After Jacob et al. 2018 (folding) and Guo et al. 2017 (temperature).
    """
    folded, weights = [layers.Input((SIDE, SIDE, 1))], []
    for layer, following in zip(model.layers, [*model.layers[1:], None], strict=True):
        if isinstance(layer, layers.Conv2D):
            folded.append(_bare(layer, activation="relu", use_bias=True))
            weights += _normalized(layer, following)
        elif isinstance(layer, layers.Dense):
            folded.append(_bare(layer, activation="softmax"))
            weights += [w / np.float32(temperature) for w in layer.get_weights()]
        elif isinstance(layer, layers.MaxPooling2D | layers.Flatten):
            folded.append(_bare(layer))
    plain = keras.Sequential(folded)
    plain.set_weights(weights)
    return plain


def _bare(layer: keras.Layer, **changes: object) -> keras.Layer:
    return layer.__class__.from_config({**layer.get_config(), "dtype": "float32", **changes})


def _normalized(layer: layers.Conv2D, norm: FusedBatchNorm) -> list[np.ndarray]:
    """Kernel and bias of a convolution that does its normalization's work too."""
    gamma, beta, mean, variance = (
        np.asarray(w, np.float64)
        for w in (norm.gamma, norm.beta, norm.moving_mean, norm.moving_variance)
    )
    scale = gamma / np.sqrt(variance + norm.epsilon)
    kernel = layer.get_weights()[0] * scale
    return [kernel.astype(np.float32), (beta - mean * scale).astype(np.float32)]
