"""A network in training beside the running average of its weights."""

from collections.abc import Iterable
from typing import Any, Final

import keras
from keras import ops

AVERAGED_OVER: Final = 0.999  # momentum of the averaged weights, the most


class Averaged(keras.Model):  # type: ignore[misc]  # Keras has no types
    """Trains `network` and averages its weights, step by step.

    What a subclass's `call` gives of each picture, (n,) by name, is reported as its mean over an
    epoch for each of `figures`; `total` says what of it is the loss.
    """

    def __init__(self, network: keras.Model, name: str, figures: Iterable[str]) -> None:
        super().__init__(dtype="float32", name=name)
        self.network = network
        self.means = {each: keras.metrics.Mean(each) for each in figures}
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

    def learn_by(self, optimizer: keras.optimizers.Optimizer) -> None:
        """Compile for `optimizer`, which lets no bias and no normalization decay."""
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        optimizer.build(self.trainable_variables)
        self.compile(optimizer, jit_compile=keras.backend.backend() == "jax")

    def total(self, parts: dict[str, Any]) -> Any:
        """The loss of each picture, (n,), from what `call` gives."""
        raise NotImplementedError

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The mean of the batch."""
        del x, y, sample_weight, training
        for name, mean in self.means.items():
            mean.update_state(y_pred[name])
        return ops.mean(self.total(y_pred))

    def state(self) -> list[keras.Variable]:
        """All that a checkpoint keeps, but the optimizer's."""
        return list(self.weights)
