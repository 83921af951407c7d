"""What a classifier is trained as: pictures and what is to be answered go in, a loss comes out."""

from typing import Any

import keras
from keras import ops

from batch_predict.records import PIXEL_MAX

from .averaged import Averaged


class ClassifierLesson(Averaged):
    """Cross-entropy of a classifier's logits against the answers that are wanted.

    Inputs: "pixels" (n, 28, 28) uint8; "labels" (n,), of which 10 is no digit; "targets" (n, 10),
    probabilities.
    """

    def __init__(self, network: keras.Model) -> None:
        super().__init__(network, "classifier_lesson", ("entropy", "right"))
        self.built = True

    def call(self, inputs: dict[str, Any], training: bool = False) -> dict[str, Any]:
        """Of each picture (n,): its cross-entropy, and whether its label was told."""
        pixels = ops.expand_dims(ops.cast(inputs["pixels"], "float32"), -1) / PIXEL_MAX
        logits = ops.cast(self.network(pixels, training=training), "float32")
        if training:
            self.average()
        entropy = ops.categorical_crossentropy(inputs["targets"], logits, from_logits=True)
        found = ops.cast(ops.argmax(logits, axis=-1), "int32")
        right = ops.cast(ops.equal(found, ops.cast(inputs["labels"], "int32")), "float32")
        return {"entropy": entropy, "right": right}

    def total(self, parts: dict[str, Any]) -> Any:
        """The cross-entropy."""
        return parts["entropy"]


class ScannedLesson(ClassifierLesson):
    """A lesson for JAX that takes a step for each of several batches in one call: each input has
    another axis, of the batches, before its own."""

    def train_step(self, state: Any, data: Any) -> Any:
        """The figures after the last step, and the state."""

        def step(before: Any, batch: Any) -> Any:
            logs, after = super(ScannedLesson, self).train_step(before, batch)
            return keras.tree.pack_sequence_as(before, keras.tree.flatten(after)), logs

        state, logs = ops.scan(step, state, data)
        return {name: values[-1] for name, values in logs.items()}, state
