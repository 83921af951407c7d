"""What the ink network is trained as: pictures with their truth go in, losses come out."""

from typing import Any, Final

import keras
from keras import ops

from .averaged import Averaged
from .ink_augment import Augment

MAP_NAMES: Final = ("ink", "writing", "print")
MAP_WEIGHTS: Final = (1.0, 0.5, 0.5)  # of the maps in the loss: the ink is what is read
COVERED: Final = (2.0, 1.5, 1.5)  # weight of a covered pixel against a bare one: most are bare
DICE: Final = 0.5  # weight of a map's Dice loss against its cross-entropy
CLASSES_WEIGHT: Final = 0.2  # weight of the classes' cross-entropy
#: of the picture's area: where there is less to find than this, Dice says little
DICE_FLOOR: Final = 5e-4


def losses(answer: dict[str, Any], maps: Any, labels: Any) -> dict[str, Any]:
    """Of each picture, (n,) float32 by name: cross-entropy and soft Dice loss of each map, and
    cross-entropy of the classes.

    `answer` is the network's, logits; `maps` (n, s, s, 3) in 0..1; `labels` (n,). Dice (Milletari
    et al. 2016) keeps thin strokes from being outvoted. Of the other two maps it counts only
    where there is something to find.
    """
    logits = ops.cast(answer["maps"], "float32")
    weights = 1 + maps * (ops.convert_to_tensor(COVERED, "float32") - 1)
    surprise = ops.softplus(-ops.abs(logits)) + ops.relu(-logits)
    entropy = ops.mean((1 - maps) * logits + weights * surprise, axis=(1, 2))
    shares = ops.sigmoid(logits)
    both = ops.mean(shares * maps, axis=(1, 2))
    covered = ops.mean(maps, axis=(1, 2))
    either = ops.mean(shares, axis=(1, 2)) + covered
    dice = 1 - (2 * both + DICE_FLOOR) / (either + DICE_FLOOR)
    found = {}
    for place, name in enumerate(MAP_NAMES):
        found[f"{name}_entropy"] = entropy[:, place]
        there = ops.cast(covered[:, place] > 0, "float32") if place else 1.0
        found[f"{name}_dice"] = dice[:, place] * there
    found["classes"] = ops.sparse_categorical_crossentropy(
        labels, ops.cast(answer["classes"], "float32"), from_logits=True
    )
    return found


def total(parts: dict[str, Any]) -> Any:
    """The loss of each picture, (n,), from its `losses`."""
    whole = CLASSES_WEIGHT * parts["classes"]
    for name, weight in zip(MAP_NAMES, MAP_WEIGHTS, strict=True):
        whole = whole + weight * (parts[f"{name}_entropy"] + DICE * parts[f"{name}_dice"])
    return whole


class Lesson(Averaged):
    """Augments, asks the network, and gives each picture's `losses`; keeps averaged weights.

    Inputs: "planes" (n, s, s, 6) uint8 and "labels" (n,).
    """

    def __init__(self, network: keras.Model, seed: int) -> None:
        names = [f"{name}_{kind}" for name in MAP_NAMES for kind in ("entropy", "dice")]
        super().__init__(network, "lesson", (*names, "classes"))
        self.augment = Augment(seed)
        self.built = True

    def state(self) -> list[keras.Variable]:
        """Also the seeds of the augmentation."""
        return [*super().state(), self.augment.seeds.state]

    def call(self, inputs: dict[str, Any], training: bool = False) -> dict[str, Any]:
        """The losses of each picture."""
        pixels, maps = self.augment(inputs["planes"], training=training)
        answer = self.network(pixels, training=training)
        if training:
            self.average()
        return losses(answer, maps, inputs["labels"])

    def total(self, parts: dict[str, Any]) -> Any:
        """See `total`."""
        return total(parts)
