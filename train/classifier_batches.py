"""The batches that a classifier is trained on: MNIST, readings and no digits, augmented."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.readings import ReadingKind
from batch_predict.records import CLASSES

from .augment import augment
from .corrupt import CORRUPTIONS
from .data import Pictures
from .pictures.spoilt import FAMILIES
from .pictures.spoilt import SHARES as OF_FAMILIES
from .readings import NO_DIGIT, Readings, concatenated

Batch = dict[str, NDArray[Any]]

BATCH: Final = 256  # pictures

NO_DIGIT_LABEL: Final = CLASSES  # all ten answers are to be alike
# How much of a reading is its digit (`Readings.whole`). Below UNREADABLE it counts as no digit: of
# such, about half were read right on what validates. From READABLE on it counts as its digit: 78%
# and more were, but of all writing as one mark (docs/log.md). What lies between teaches nothing.
UNREADABLE: Final = 0.3
READABLE: Final = 0.45
#: kinds of several digits, of which a reading may hold a whole one: neither digit nor none
UNCLEAR: Final = frozenset({"several"})

#: how often a reading is drawn, by how it was made: more often what is looked at first
ODDS: Final[Mapping[ReadingKind, float]] = {
    ReadingKind.MAP: 4.0,
    ReadingKind.STANDS: 3.0,
    ReadingKind.OTHER_SIZE: 1.5,
    ReadingKind.FAINT: 1.0,
    ReadingKind.ALL_WRITING: 1.0,
    ReadingKind.UPRIGHT: 1.0,
}


class Share(NamedTuple):
    """How a group of pictures enters a batch."""

    of_batch: float
    bent: float  # how far the augmentation moves and bends them, against MNIST's digits
    hard: float  # of them are degraded, too
    taught: float  # weight of the teachers' answer in a target; the label has the rest


DIGITS: Final = "digits"  # MNIST's training digits, all of them, as they are
CORRUPTED: Final = "corrupted"  # the same by one of the fifteen families, another each time
SHARES: Final[dict[str, Share]] = {
    DIGITS: Share(0.34, 1.0, 0.35, 0.8),
    CORRUPTED: Share(0.08, 0.3, 0.0, 0.4),
    "mnist": Share(0.04, 0.5, 0.10, 0.6),
    "plain": Share(0.06, 0.5, 0.0, 0.4),
    "large": Share(0.16, 0.5, 0.10, 0.4),
    "small": Share(0.16, 0.5, 0.08, 0.4),
    "spoilt": Share(0.05, 0.5, 0.05, 0.4),
    NO_DIGIT: Share(0.11, 0.5, 0.10, 0.0),
}


# By these the shipped screen learned: a network of 30,000 parameters fits even its training digits
# less well, so they are made easier. It is no gain: by SHARES it reads as much (docs/log.md).
SCREEN_SHARES: Final[Mapping[str, Share]] = SHARES | {
    DIGITS: Share(0.40, 0.6, 0.10, 0.8),
    CORRUPTED: Share(0.06, 0.3, 0.0, 0.4),
    "large": Share(0.14, 0.5, 0.10, 0.4),
    "small": Share(0.14, 0.5, 0.08, 0.4),
}


def shares_of(network: str) -> Mapping[str, Share]:
    """The shares that a network of `train.registry` learns by."""
    return SCREEN_SHARES if network == "screen" else SHARES


class Source(NamedTuple):
    """Pictures of a group, and how often each is drawn."""

    pictures: Pictures
    upto: NDArray[np.float64]  # (n,), the odds of each and of all before it

    def draw(self, rng: np.random.Generator, count: int) -> Pictures:
        """`count` of them."""
        drawn = np.searchsorted(self.upto, rng.random(count) * self.upto[-1], side="right")
        return self.pictures.at(drawn)


def evenly(pictures: Pictures) -> Source:
    """All as often as another."""
    return Source(pictures, np.arange(1.0, len(pictures.labels) + 1))


def by_odds(read: Readings, labels: NDArray[np.uint8]) -> Source:
    """Readings as digits of `labels` (n,), each as often as ODDS has it."""
    odds = np.array([ODDS[ReadingKind(kind)] for kind in read.reading], np.float64)
    return Source(Pictures(read.pixels, labels), np.cumsum(odds))


def sources(mnist: Pictures, readings: Mapping[str, Readings]) -> dict[str, Source]:
    """What batches are drawn from, by SHARES, of MNIST's digits and of readings by group."""
    read, none = sorted_out(readings)
    groups = {name: by_odds(each, each.labels) for name, each in read.items()}
    nothing = by_odds(none, np.full(len(none.picture), NO_DIGIT_LABEL, np.uint8))
    return {DIGITS: evenly(mnist), **groups, NO_DIGIT: nothing}


def sorted_out(readings: Mapping[str, Readings]) -> tuple[dict[str, Readings], Readings]:
    """The readings that hold a digit, by group; and those of all groups that hold none."""
    groups, none = {}, []
    for name, read in readings.items():
        digit = (read.labels < CLASSES) & (read.whole >= READABLE)
        other = (read.labels >= CLASSES) & ~np.isin(read.kinds, list(UNCLEAR))
        half = (read.labels < CLASSES) & (read.whole < UNREADABLE)
        groups[name] = read.at(digit)
        none.append(read.at(other | half))
    return groups, concatenated(none)


class Batches:
    """Batch after batch, each depending on `seed` and its number alone."""

    def __init__(
        self, sources: Mapping[str, Source], seed: int, shares: Mapping[str, Share] = SHARES
    ) -> None:
        self._sources, self._seed, self._shares = sources, seed, shares

    def __getitem__(self, number: int) -> Batch:
        """Batch `number`: "pixels" (BATCH, 28, 28) uint8; "labels" (BATCH,) int32, of which
        NO_DIGIT_LABEL is none; "taught" (BATCH,) float32, see `Share`."""
        rng = np.random.default_rng((self._seed, number))
        pixels, labels, taught = [], [], []
        counts = {
            name: round(share.of_batch * BATCH)
            for name, share in self._shares.items()
            if len(self._source(name).upto)
        }
        counts[DIGITS] += BATCH - sum(counts.values())
        for name, count in counts.items():
            share = self._shares[name]
            chosen = self._source(name).draw(rng, count)
            if name == CORRUPTED:
                chosen = chosen._replace(pixels=corrupted(rng, chosen.pixels))
            pixels.append(augment(rng, chosen.pixels, share.hard, share.bent))
            labels.append(chosen.labels)
            taught.append(np.full(count, share.taught, np.float32))
        return {
            "pixels": np.concatenate(pixels),
            "labels": np.concatenate(labels).astype(np.int32),
            "taught": np.concatenate(taught),
        }

    def _source(self, group: str) -> Source:
        return self._sources[DIGITS if group == CORRUPTED else group]


def corrupted(rng: np.random.Generator, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`pixels` (n, 28, 28), each by one of the fifteen families: what `--preprocess plain` shows
    as it stands."""
    families = rng.choice(FAMILIES, size=len(pixels), p=OF_FAMILIES)
    return np.stack(
        [CORRUPTIONS[name](rng, each) for name, each in zip(families, pixels, strict=True)]
    )
