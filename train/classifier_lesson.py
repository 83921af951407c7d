"""What a classifier is trained as: pictures and labels go in, a loss against labels and teachers
comes out."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from batch_predict.records import CLASSES, PIXEL_MAX
from batch_predict.runtimes.keras_runtime import LoadedNetwork
from train.averaged import Averaged


class ClassifierLesson(Averaged):
    """Cross-entropy of a classifier's logits against labels, and against what teachers answer.

    Inputs: "pixels" (n, 28, 28) uint8; "labels" (n,), of which 10 is no digit: all answers are to
    be alike; "taught" (n,) in 0..1, the weight of the teachers' mean answer in the target, where it
    names the label (after Hinton et al. 2015); the label has the rest.
    """

    def __init__(self, network: keras.Model, teachers: Sequence[LoadedNetwork] = ()) -> None:
        super().__init__(network, "classifier_lesson", ("entropy", "right"))
        self.teachers = [teacher.network for teacher in teachers]
        self.scales = [teacher.scale for teacher in teachers]
        for each in self.teachers:
            each.trainable = False
        self.built = True

    def call(self, inputs: dict[str, Any], training: bool = False) -> dict[str, Any]:
        """Of each picture (n,): its cross-entropy, and whether its label was told."""
        pixels = ops.expand_dims(ops.cast(inputs["pixels"], "float32"), -1) / PIXEL_MAX
        logits = ops.cast(self.network(pixels, training=training), "float32")
        if training:
            self.average()
        targets = self._targets(pixels, inputs["labels"], inputs["taught"])
        entropy = ops.categorical_crossentropy(targets, logits, from_logits=True)
        right = _names(logits, inputs["labels"])
        return {"entropy": entropy, "right": right}

    def _targets(self, pixels: Any, labels: Any, taught: Any) -> Any:
        """Probabilities (n, 10)."""
        rows = np.vstack([np.eye(CLASSES), np.full(CLASSES, 1 / CLASSES)]).astype(np.float32)
        told = ops.take(rows, ops.cast(labels, "int32"), axis=0)
        if not self.teachers:
            return told
        answers = [
            ops.cast(teacher(low + pixels * (high - low), training=False), "float32")
            for teacher, (low, high) in zip(self.teachers, self.scales, strict=True)
        ]
        mean = ops.stop_gradient(sum(answers[1:], answers[0]) / len(answers))
        weight = ops.expand_dims(taught * _names(mean, labels), -1)
        return weight * mean + (1 - weight) * told

    def total(self, parts: dict[str, Any]) -> Any:
        """The cross-entropy."""
        return parts["entropy"]


def _names(answers: Any, labels: Any) -> Any:
    """1 where the greatest of `answers` (n, 10) is the label's, else 0: (n,) float32."""
    found = ops.cast(ops.argmax(answers, axis=-1), "int32")
    return ops.cast(ops.equal(found, ops.cast(labels, "int32")), "float32")
