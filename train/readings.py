"""Readings of pictures: what was marked, and what was read of it, as a table and as a file."""

import os
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.from_maps import LIKELY
from batch_predict.normalize.readings import ReadingKind, readings_unmarked
from batch_predict.records import EMPTY, SIDE

AS_THEY_ARE: Final = "mnist"  # the kind of MNIST's digits
NO_DIGIT: Final = "no digit"  # of all groups together, what holds none


class Shown(NamedTuple):
    """Pictures that were marked, a row each, whether anything was read of them or not."""

    labels: NDArray[np.uint8]  # (m,), 0 to 9, EMPTY or OTHER
    kinds: NDArray[np.str_]  # (m,), names in GROUPS[...].kinds, or AS_THEY_ARE
    head: NDArray[np.float32]  # (m, 12), what the ink network calls them: ten digits, EMPTY, OTHER
    again: NDArray[np.float32]  # (m, 12), the same, on the square of its SECOND_SIDE
    form: NDArray[np.bool_]  # (m,), whether they are in MNIST's form


class Readings(NamedTuple):
    """What was read of pictures, a row each reading, and the pictures."""

    pixels: NDArray[np.uint8]  # (n, 28, 28), light on zero
    picture: NDArray[np.int32]  # (n,), places in `shown`; those of one picture are neighbours
    reading: NDArray[np.str_]  # (n,), a ReadingKind
    whole: NDArray[np.float32]  # (n,), how much of the digit was read and nothing else, 0 to 1
    shown: Shown

    @property
    def labels(self) -> NDArray[np.uint8]:
        """(n,), of the pictures."""
        return self.shown.labels[self.picture]

    @property
    def kinds(self) -> NDArray[np.str_]:
        """(n,), of the pictures."""
        return self.shown.kinds[self.picture]

    def at(self, places: NDArray[np.intp] | NDArray[np.bool_]) -> "Readings":
        """The readings at `places`, of the same pictures."""
        return Readings(
            self.pixels[places],
            self.picture[places],
            self.reading[places],
            self.whole[places],
            self.shown,
        )

    def heard_first(self) -> "Readings":
        """All that the job's looks at a first reading hear: `first`, and of small pictures that
        were marked, as they stand, too."""
        stands = self.reading == ReadingKind.STANDS
        return self.at(
            stands | (~self.shown.form[self.picture] & (self.reading == ReadingKind.MAP))
        )

    def heard_last(self) -> "Readings":
        """All that the job's last look hears, if its rule for MNIST's form hears no maps: of a
        picture in that form, what is made of it alone, of others all."""
        is_mnist = self.shown.form[self.picture]
        stands = np.flatnonzero(is_mnist & (self.reading == ReadingKind.STANDS))
        alone = [
            (place, each) for place in stands for each in readings_unmarked(self.pixels[place])
        ]
        made = self.at(np.array([place for place, _ in alone], int))
        others = self.at(~is_mnist)
        pixels = np.array([each.pixels for _, each in alone], np.uint8).reshape(-1, SIDE, SIDE)
        kinds = np.array([each.kind for _, each in alone], np.str_)
        joined = Readings(
            np.concatenate([pixels, others.pixels]),
            np.concatenate([made.picture, others.picture]),
            np.concatenate([kinds, others.reading]),
            np.concatenate([made.whole, others.whole]),
            self.shown,
        )
        return joined.at(np.argsort(joined.picture, kind="stable"))

    def first(self) -> "Readings":
        """One of each picture of which anything is read: what the job prepares
        (`Prepared.pixels`)."""
        wanted = np.where(self.shown.form[self.picture], ReadingKind.STANDS, ReadingKind.MAP)
        return self.at(self.reading == wanted)

    def seen(self) -> NDArray[np.intp]:
        """Places in `shown` of what classifiers see and is not empty.

        Of some pictures the job reads nothing, or calls them blank before it asks a classifier.
        """
        first, shown = self.first().picture, self.shown
        blank = ~shown.form & (shown.head[:, EMPTY] > LIKELY)
        seen: NDArray[np.intp] = first[((shown.labels != EMPTY) & ~blank)[first]].astype(np.intp)
        return seen


def concatenated(parts: Iterable[Readings]) -> Readings:
    """All of `parts`, one after the other."""
    pictures: list[Shown] = []
    columns: list[tuple[NDArray[Any], ...]] = []
    before = 0
    for part in parts:
        pictures.append(part.shown)
        columns.append((part.pixels, part.picture + np.int32(before), part.reading, part.whole))
        before += len(part.shown.labels)
    pixels, picture, reading, whole = map(np.concatenate, zip(*columns, strict=True))
    shown = Shown._make(map(np.concatenate, zip(*pictures, strict=True)))
    return Readings(pixels, picture, reading, whole, shown)


def save_readings(path: str, found: Readings) -> None:
    """Keep `found` in an .npz file, whole or not at all."""
    columns = {name: column for name, column in found._asdict().items() if name != "shown"}
    part = f"{path}.part"
    with open(part, "wb") as file:
        np.savez_compressed(file, **columns, **found.shown._asdict())
    os.replace(part, path)


def load_readings(path: str) -> Readings:
    """What `save_readings` kept."""
    with np.load(path) as kept:
        shown = Shown._make(kept[name] for name in Shown._fields)
        pixels, picture, reading, whole = (kept[name] for name in Readings._fields[:-1])
    return Readings(pixels, picture, reading, whole, shown)
