"""One look after another at pictures that are not plain: see `runtimes.looks_plan`."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.marking import Marked, Marker
from batch_predict.normalize.letterbox import SMALL, side_of
from batch_predict.normalize.readings import (
    SECOND_SIDE,
    Reading,
    ReadingKind,
    as_it_stands,
    readings,
    readings_unmarked,
)
from batch_predict.records import Batch, ReadAs, Seen, needs_person
from batch_predict.runtimes.looks_plan import ALL_READINGS, FIRST_READING, Form, LooksPlan
from batch_predict.runtimes.network import Floats
from batch_predict.runtimes.rule import AGAIN, HEAD, SOURCES, Opinion, Said, evenness

#: readings (n, 28, 28) uint8 -> probabilities (n, 10) float32
Classify = Callable[[NDArray[np.uint8]], Floats]


class ReadAgain(NamedTuple):
    """All that a last look has of a picture."""

    readings: list[Reading]
    # (12,), what the class head takes it for, and on the square of another side; none: not marked
    heads: tuple[Floats, Floats] | None


class Looks:
    """All looks at the pictures of a run; several threads may call it."""

    def __init__(self, plan: LooksPlan, screen: Classify, judges: Classify, marker: Marker) -> None:
        self._plan: Final = plan
        self._screen: Final = screen
        self._judges: Final = judges
        self._marker: Final = marker
        # What judges have said of a first reading counts among all readings, too.
        self._is_judged_first: Final = plan.first_reading is not None or judges is screen
        last = plan.all_readings
        self._marks_mnist: Final = last is not None and last.rules[Form.MNIST].hears_maps

    def opinion(self, batch: Batch) -> Opinion:
        """The answer for the n pictures of `batch`.

        What is asked of a picture depends on that picture alone.

        Raises:
            ModelError, OutputError, LimitError: as the networks raise them.
        """
        is_mnist = np.array([seen is None for seen in batch.seen], bool)
        # What the normalizer noted is looked at again, however sure a network is.
        doubted = np.array([needs_person(each) for each in batch.reasons], bool)
        return self._plan.opinion(
            is_mnist,
            doubted,
            (
                lambda everything, nothing: said_of_first(batch, self._screen),
                lambda left, before: said_of_first(batch.at(left), self._judges),
                lambda left, before: self._said_of_all(batch.at(left), before),
            ),
        )

    def readings(self, batch: Batch, opinion: Opinion) -> list[tuple[ReadAs, ...]]:
        """Of each picture of `batch`, what the judges take each reading that they saw for.

        `opinion` is the answer for `batch`: of a picture that the screen answered, they saw none.
        Raises what `opinion` raises.
        """
        seen: list[list[Reading]] = [[] for _ in batch.refs]
        for place in np.flatnonzero(opinion.looks == FIRST_READING).tolist():
            seen[place] = _first_readings(batch.pixels[place], batch.seen[place])
        last = np.flatnonzero(opinion.looks == ALL_READINGS)
        for place, again in zip(last.tolist(), self.read_again(batch.at(last)), strict=True):
            seen[place] = again.readings
        return [self._read_as(each) for each in seen]

    def _read_as(self, seen: list[Reading]) -> tuple[ReadAs, ...]:
        if not seen:
            return ()
        answers = self._judges(np.stack([reading.pixels for reading in seen]))
        columns = (answers.argmax(axis=1), answers.max(axis=1), evenness(answers))
        listed = zip(*(column.tolist() for column in columns), strict=True)
        return tuple(
            ReadAs(reading.kind, reading.pixels, *each)
            for reading, each in zip(seen, listed, strict=True)
        )

    def _said_of_all(self, batch: Batch, before: Said) -> Said:
        """What is said of all readings, given what the look before heard of the pictures."""
        again = self.read_again(batch)
        said = Said.nothing(len(again))
        pictures = np.array([n for n, each in enumerate(again) for _ in each.readings], int)
        sources = np.array([SOURCES.index(r.kind) for each in again for r in each.readings], int)
        is_new = np.ones(len(pictures), bool)
        if self._is_judged_first:
            is_new = ~before.heard[pictures, sources]
            said.hear_known(pictures[~is_new], sources[~is_new], before)
        if is_new.any():
            pixels = np.stack([r.pixels for each in again for r in each.readings])
            answers = self._judges(pixels[is_new])
            said.hear(pictures[is_new], sources[is_new], answers)
        marked = np.array([n for n, each in enumerate(again) if each.heads], int)
        if len(marked):
            heads = np.stack([each.heads for each in again if each.heads])
            said.hear_head(HEAD, marked, heads[:, 0])
            said.hear_head(AGAIN, marked, heads[:, 1])
        return said

    def read_again(self, batch: Batch) -> list[ReadAgain]:
        """All readings of the pictures of `batch` that the last look hears.

        They are marked on squares of two sides; those in MNIST's form only where the look hears
        something of that.

        Raises:
            ModelError, OutputError, LimitError: as the ink network raises them.
        """
        first = self._marked(batch) if self._marks_mnist else batch.seen
        marked = [seen.picture for seen in first if seen is not None]
        second = iter(self._marker.mark_all(marked, lambda pixels: SECOND_SIDE[side_of(pixels)]))
        return [
            ReadAgain(readings_unmarked(pixels), None)
            if seen is None
            else _read_again(seen, next(second))
            for pixels, seen in zip(batch.pixels, first, strict=True)
        ]

    def _marked(self, batch: Batch) -> list[Seen]:
        """The pictures of `batch`, those in MNIST's form marked, too."""
        bare = [pixels for pixels, seen in zip(batch.pixels, batch.seen, strict=True) if not seen]
        marked = iter(self._marker.mark_all(bare, side_of))
        return [
            seen or Seen(pixels, *next(marked))
            for pixels, seen in zip(batch.pixels, batch.seen, strict=True)
        ]


def _read_again(seen: Seen, again: Marked) -> ReadAgain:
    found = readings(seen.picture, seen.maps, again.maps)
    return ReadAgain(found, (seen.classes, again.classes))


def _standing(seen: Seen) -> NDArray[np.uint8] | None:
    """A small picture that was marked, (28, 28): heard at first beside its map's reading."""
    return as_it_stands(seen.picture) if side_of(seen.picture) == SMALL else None


def _first_readings(pixels: NDArray[np.uint8], seen: Seen | None) -> list[Reading]:
    """What `said_of_first` has classified of one picture."""
    if seen is None:
        return [Reading(ReadingKind.STANDS, pixels)]
    first, standing = Reading(ReadingKind.MAP, pixels), _standing(seen)
    return [first] if standing is None else [Reading(ReadingKind.STANDS, standing), first]


def said_of_first(batch: Batch, classify: Classify) -> Said:
    """What `classify` and the class head say of the pictures of `batch` at first.

    A small picture that was marked is heard as it stands, too: it takes no other network, and shows
    what the map has cut off or closed.
    """
    count = len(batch.refs)
    said, marked = Said.nothing(count), np.zeros(count, bool)
    standing: dict[int, NDArray[np.uint8]] = {}
    for place, seen in enumerate(batch.seen):
        if seen is not None:
            marked[place] = True
            if (pixels := _standing(seen)) is not None:
                standing[place] = pixels
    kinds = np.where(marked, SOURCES.index(ReadingKind.MAP), SOURCES.index(ReadingKind.STANDS))
    shown = [batch.pixels, *(each[None] for each in standing.values())]
    answers = classify(np.concatenate(shown) if standing else batch.pixels)
    said.hear(np.arange(count), kinds, answers[:count])
    if standing:
        as_stood = np.full(len(standing), SOURCES.index(ReadingKind.STANDS))
        said.hear(np.array([*standing]), as_stood, answers[count:])
    if marked.any():
        classes = np.stack([seen.classes for seen in batch.seen if seen is not None])
        said.hear_head(HEAD, np.flatnonzero(marked), classes)
    return said
