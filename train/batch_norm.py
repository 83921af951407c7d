"""Batch normalization on any backend: a layer for the time of training, which the export folds."""

from typing import Any, Final

import keras
from keras import ops

MOMENTUM: Final = 0.99  # of the moving statistics, once there is something to move


class BatchNorm(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Normalizes each channel by the batch's mean and variance in training, else by their moving
    averages. After Ioffe and Szegedy 2015.

    A network that is trained on batches of two kinds sees two statistics, and its moving averages
    are neither. So the end of a training sets `settled` to 1: from then on the moving averages,
    which stay as they are, serve in training too, and the weights learn to live with them.
    """

    epsilon = 1e-3

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """One scale, shift, mean and variance per channel, in this order; `settled`, steps."""
        channels = input_shape[-1]
        self.gamma = self._weight("gamma", (channels,), "ones", True)
        self.beta = self._weight("beta", (channels,), "zeros", True)
        self.moving_mean = self._weight("moving_mean", (channels,), "zeros", False)
        self.moving_variance = self._weight("moving_variance", (channels,), "ones", False)
        self.settled = self._weight("settled", (), "zeros", False)
        self.steps = self._weight("steps", (), "zeros", False)

    def _weight(
        self, name: str, shape: tuple[int | None, ...], start: str, trainable: bool
    ) -> keras.Variable:
        return self.add_weight(
            shape=shape,
            dtype="float32",
            autocast=False,
            initializer=start,
            trainable=trainable,
            name=name,
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """`inputs` (n, height, width, channels), normalized; statistics in float32."""
        inputs = ops.cast(inputs, "float32")
        mean, variance = self.moving_mean.value, self.moving_variance.value
        if training:
            settled = ops.cast(self.settled.value, "bool")
            of_batch = ops.mean(inputs, axis=(0, 1, 2))
            squares = ops.mean(ops.square(inputs), axis=(0, 1, 2))  # in one pass with the mean
            spread = ops.maximum(squares - ops.square(of_batch), 0.0)
            mean = ops.where(settled, mean, of_batch)
            variance = ops.where(settled, variance, spread)
            steps = self.steps.value
            momentum = ops.minimum(MOMENTUM, steps / (steps + 10))
            self.steps.assign(steps + 1)
            for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
                step = ops.stop_gradient(now) - moving.value
                moving.assign(moving.value + (1 - momentum) * step)
        scale = self.gamma.value * ops.rsqrt(variance + self.epsilon)
        normalized = inputs * scale + (self.beta.value - mean * scale)
        return ops.cast(normalized, self.compute_dtype)
