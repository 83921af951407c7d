"""The batches that a classifier is trained on: MNIST, readings and no digits, augmented."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from batch_predict.records import CLASSES
from train.augment import augment
from train.corrupt import CORRUPTIONS
from train.data import Pictures
from train.pictures.small import FAMILIES
from train.readings import Readings

BATCH: Final = 256  # pictures
THREADS: Final = 2  # that make batches ahead of their use
AHEAD: Final = 16  # batches

NO_DIGIT: Final = CLASSES  # a label: all ten answers are to be alike
# Of validation readings with less than this of the digit, or with this much else, today's `digits`
# reads half right; of those above READABLE, 84% and more. What lies between teaches nothing.
HALF: Final = 0.3
READABLE: Final = 0.45
#: kinds of several digits, of which a reading may hold a whole one: neither digit nor none
UNCLEAR: Final = frozenset({"several"})


class Share(NamedTuple):
    """How a group of pictures enters a batch."""

    of_batch: float
    bent: float  # how far the augmentation moves and bends them, against MNIST's digits
    hard: float  # of them are degraded, too
    taught: float  # weight of the teachers' answer in a target; the label has the rest


SHARES: Final[Mapping[str, Share]] = {
    "mnist": Share(0.36, 1.0, 0.35, 0.8),
    "large": Share(0.17, 0.5, 0.10, 0.4),
    "small": Share(0.19, 0.5, 0.08, 0.4),
    "spoilt": Share(0.07, 0.5, 0.05, 0.4),
    "plain": Share(0.11, 0.3, 0.0, 0.4),
    "no digit": Share(0.10, 0.5, 0.10, 0.0),
}


def sorted_out(readings: Mapping[str, Readings]) -> dict[str, Pictures]:
    """Readings by group, those that hold no digit in one of their own; labels 0 to 10."""
    groups, none = {}, []
    for name, read in readings.items():
        digit = (read.labels < CLASSES) & (read.whole >= READABLE)
        other = (read.labels >= CLASSES) & ~np.isin(read.kinds, list(UNCLEAR))
        half = (read.labels < CLASSES) & (read.whole < HALF)
        groups[name] = Pictures(read.pixels[digit], read.labels[digit])
        none.append(read.pixels[other | half])
    pixels = np.concatenate(none)
    return groups | {"no digit": Pictures(pixels, np.full(len(pixels), NO_DIGIT, np.uint8))}


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """Batch after batch, each depending on `seed` and its number alone: {"pixels", "labels",
    "taught"}, as `ClassifierLesson` takes them. An epoch is `count` of them, beginning at `first`.
    """

    def __init__(
        self, pictures: Mapping[str, Pictures], seed: int, count: int, first: int = 0
    ) -> None:
        super().__init__(workers=THREADS, max_queue_size=AHEAD)
        self._pictures, self._seed = pictures, seed
        self._count, self._first = count, first

    def __len__(self) -> int:
        """Batches of an epoch."""
        return self._count

    def on_epoch_end(self) -> None:
        """The next epoch goes on where this one ended."""
        self._first += self._count

    def __getitem__(self, index: int) -> tuple[dict[str, NDArray[Any]]]:
        """Batch `index` of this epoch."""
        rng = np.random.default_rng((self._seed, self._first + index))
        pixels, labels, taught = [], [], []
        counts = {
            name: round(share.of_batch * BATCH)
            for name, share in SHARES.items()
            if len(self._source(name).labels)
        }
        counts["mnist"] += BATCH - sum(counts.values())
        for name, count in counts.items():
            share, source = SHARES[name], self._source(name)
            chosen = source.at(rng.integers(len(source.labels), size=count))
            if name == "plain":
                chosen = chosen._replace(pixels=corrupted(rng, chosen.pixels))
            pixels.append(augment(rng, chosen.pixels, share.hard, share.bent))
            labels.append(chosen.labels)
            taught.append(np.full(count, share.taught, np.float32))
        return (
            {
                "pixels": np.concatenate(pixels),
                "labels": np.concatenate(labels).astype(np.int32),
                "taught": np.concatenate(taught),
            },
        )

    def _source(self, group: str) -> Pictures:
        return self._pictures["mnist" if group == "plain" else group]


_NAMES: Final = tuple(FAMILIES)
_ODDS: Final = np.array(list(FAMILIES.values())) / sum(FAMILIES.values())


def corrupted(rng: np.random.Generator, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`pixels` (n, 28, 28), each by one of the fifteen families: what `--preprocess plain` shows
    as it stands."""
    families = rng.choice(_NAMES, size=len(pixels), p=_ODDS)
    return np.stack(
        [CORRUPTIONS[name](rng, each) for name, each in zip(families, pixels, strict=True)]
    )
