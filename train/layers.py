"""A layer that exists for the time of training only: the exported model has none of it."""

from typing import Any, Final

import keras
import tensorflow as tf

MOMENTUM: Final = 0.99  # of the moving statistics


class FusedBatchNorm(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Batch normalization by TensorFlow's one fused kernel, statistics in float32.

    After Ioffe and Szegedy 2015. `keras.layers.BatchNormalization` is many kernels: on a CPU it
    takes half of a small network's training step, and under bfloat16 two thirds.
    """

    epsilon = 1e-3

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """One scale, shift, mean and variance per channel."""
        for name, start, trainable in (
            ("gamma", "ones", True),
            ("beta", "zeros", True),
            ("moving_mean", "zeros", False),
            ("moving_variance", "ones", False),
        ):
            weight = self.add_weight(
                shape=(input_shape[-1],),
                dtype="float32",
                autocast=False,
                initializer=start,
                trainable=trainable,
                name=name,
            )
            setattr(self, name, weight)

    def call(self, inputs: tf.Tensor, training: bool = False) -> Any:
        """`inputs` (n, height, width, channels), normalized."""
        fused = tf.compat.v1.nn.fused_batch_norm
        scale, shift = self.gamma.value, self.beta.value
        if not training:
            mean, variance = self.moving_mean.value, self.moving_variance.value
            return fused(
                inputs, scale, shift, mean, variance, epsilon=self.epsilon, is_training=False
            )[0]
        normalized, mean, variance = fused(inputs, scale, shift, epsilon=self.epsilon)
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(MOMENTUM * moving.value + (1 - MOMENTUM) * batch)
        return normalized
