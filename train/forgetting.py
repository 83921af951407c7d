"""What fine-tuning costs: how a network reads MNIST and rendered pictures, before and after."""

import sys
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from batch_predict.runtimes.keras_runtime import LoadedNetwork
from batch_predict.runtimes.rule import evenness
from batch_predict.scoring import NO_DIGIT_ABOVE

from .card import Card
from .classifier_batches import NO_DIGIT_LABEL, sorted_out
from .command import PROGRAM
from .data import HELD_OUT_OF_RENDERED, Pictures, load
from .predict import mean_answer
from .readings import AS_THEY_ARE, NO_DIGIT, Readings
from .validation import digits_of

MOST_LOST: Final = 0.003  # of MNIST's digits: more is warned of


class Forgotten(NamedTuple):
    """Of n pictures of a kind, how many were right before, and are after."""

    n: int
    before: int
    after: int

    @property
    def lost(self) -> float:
        """The share of the pictures that fewer are right; below 0 where more are."""
        return (self.before - self.after) / self.n

    def to_json(self) -> Card:
        """For a card."""
        return {"n": self.n, "right_before": self.before, "right": self.after}


def kinds_of(mnist: str | None, held: Mapping[str, Readings]) -> dict[str, Pictures]:
    """Pictures by kind: MNIST's held-out digits from the source `mnist`, and of the readings `held`
    each group's digits, and what holds none. None of a kind leaves it out."""
    kinds = digits_of(held) if held else {}
    if AS_THEY_ARE not in kinds and mnist is not None:
        kinds[AS_THEY_ARE] = load(mnist, held_out=HELD_OUT_OF_RENDERED).validation
    if held:
        _, none = sorted_out({group: read.first() for group, read in held.items()})
        if len(none.pixels):
            labels = np.full(len(none.pixels), NO_DIGIT_LABEL, np.uint8)
            kinds[NO_DIGIT] = Pictures(none.pixels, labels)
    return kinds


def right_of(network: LoadedNetwork, kinds: Mapping[str, Pictures]) -> dict[str, int]:
    """How many of each kind `network` reads right by itself; of what is no digit, how many
    it calls so."""
    found = {}
    for name, pictures in kinds.items():
        answers = mean_answer([network], pictures.pixels)
        is_none, reads = evenness(answers) > NO_DIGIT_ABOVE, answers.argmax(axis=1)
        right = np.where(pictures.labels == NO_DIGIT_LABEL, is_none, reads == pictures.labels)
        found[name] = int(right.sum())
    return found


def say(forgotten: Mapping[str, Forgotten]) -> str:
    """A table for a person."""
    lines = [
        f"{name:>9} {each.before / each.n:8.2%} {each.after / each.n:8.2%}"
        for name, each in forgotten.items()
    ]
    if AS_THEY_ARE not in forgotten:
        lines.append("what it costs on MNIST is not known: --mnist says where MNIST is")
    return "\n".join(["elsewhere   before    after", *lines])


def warn(forgotten: Mapping[str, Forgotten]) -> None:
    """Say on stderr where more is lost on MNIST than most users would take."""
    mnist = forgotten.get(AS_THEY_ARE)
    if mnist is not None and mnist.lost > MOST_LOST:
        print(
            f"{PROGRAM}: warning: it reads {100 * mnist.lost:.1f} points less of MNIST than"
            f" before: {mnist.before / mnist.n:.2%}, now {mnist.after / mnist.n:.2%}",
            file=sys.stderr,
        )
