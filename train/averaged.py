"""A network in training beside the running average of its weights."""

from typing import Final

import keras
from keras import ops

AVERAGED_OVER: Final = 0.999  # momentum of the averaged weights, the most


class Averaged(keras.Model):  # type: ignore[misc]  # Keras has no types
    """Trains `network` and averages its weights, step by step; subclasses say what the loss is."""

    def __init__(self, network: keras.Model, name: str) -> None:
        super().__init__(dtype="float32", name=name)
        self.network = network
        self.steps = self._kept((), "steps")
        self.averages = [
            self._kept(weight.shape, f"average{place}")
            for place, weight in enumerate(network.trainable_weights)
        ]

    def _kept(self, shape: tuple[int, ...], name: str) -> keras.Variable:
        return self.add_weight(
            shape=shape, name=name, initializer="zeros", trainable=False, dtype="float32"
        )

    def average(self) -> None:
        """Exponential average whose momentum grows to its full: so the first steps weigh little.

        It sees the weights as they were before the step.
        """
        steps = self.steps.value
        momentum = ops.minimum(AVERAGED_OVER, steps / (steps + 10))
        for average, weight in zip(self.averages, self.network.trainable_weights, strict=True):
            average.assign(momentum * average.value + (1 - momentum) * weight.value)
        self.steps.assign(steps + 1)

    def averaged_into(self, network: keras.Model) -> None:
        """Give `network`, of the same plan, the averaged weights and the moving statistics.

        They are copied: JAX reuses the memory of a training's arrays in its next step.
        """
        for weight, average in zip(network.trainable_weights, self.averages, strict=True):
            weight.assign(ops.convert_to_numpy(average).copy())
        pairs = zip(network.non_trainable_weights, self.network.non_trainable_weights, strict=True)
        for weight, kept in pairs:
            weight.assign(ops.convert_to_numpy(kept).copy())

    def state(self) -> list[keras.Variable]:
        """All that a checkpoint keeps, but the optimizer's."""
        return list(self.weights)
