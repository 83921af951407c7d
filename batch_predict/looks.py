"""One look after another at pictures that are not plain: see `runtimes.looks_plan`."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.marking import Marker
from batch_predict.normalize.letterbox import SMALL, side_of
from batch_predict.normalize.readings import (
    SECOND_SIDE,
    Reading,
    ReadingKind,
    as_it_stands,
    readings,
)
from batch_predict.records import Batch, ReadAs, Seen, needs_person
from batch_predict.runtimes.looks_plan import LooksPlan
from batch_predict.runtimes.network import Floats
from batch_predict.runtimes.rule import AGAIN, HEAD, SOURCES, Opinion, Said, evenness

#: the looks by number: the screen's, the judges' at the first reading, and at all readings
SCREEN, FIRST_READING, ALL_READINGS = 1, 2, 3
#: readings (n, 28, 28) uint8 -> probabilities (n, 10) float32
Classify = Callable[[NDArray[np.uint8]], Floats]


class ReadAgain(NamedTuple):
    """All that a last look has of a picture."""

    readings: list[Reading]
    head: Floats  # (12,), what the class head takes it for
    again: Floats  # (12,), and on the square of another side


class Looks:
    """All looks at the pictures of a run; several threads may call it."""

    def __init__(self, plan: LooksPlan, screen: Classify, judges: Classify, marker: Marker) -> None:
        self._plan: Final = plan
        self._screen: Final = screen
        self._judges: Final = judges
        self._marker: Final = marker

    def opinion(self, batch: Batch) -> Opinion:
        """The answer for the n pictures of `batch`.

        What is asked of a picture depends on that picture alone.

        Raises:
            ModelError, OutputError, LimitError: as the networks raise them.
        """
        plan = self._plan
        is_mnist = np.array([seen is None for seen in batch.seen], bool)
        # What the normalizer noted is looked at again, however sure a network is.
        doubted = np.array([needs_person(reasons) for reasons in batch.reasons], bool)
        opinion = plan.screen.opinion(said_of_first(batch, self._screen), is_mnist)
        left = np.flatnonzero(doubted | ~plan.screen.is_sure(opinion, is_mnist))
        if plan.first_reading is not None and len(left):
            part = batch.at(left)
            said = said_of_first(part, self._judges)
            second = plan.first_reading.opinion(said, is_mnist[left])
            opinion.replace(left, second)
            opinion.looks[left] = FIRST_READING
            sure = plan.first_reading.is_sure(second, is_mnist[left])
            left = left[doubted[left] | ~sure]
        if plan.all_readings is not None and len(left):
            said = self._said_of_all(batch.at(left))
            opinion.replace(left, plan.all_readings.opinion(said, is_mnist[left]))
            opinion.looks[left] = ALL_READINGS
        return opinion

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

    def _said_of_all(self, batch: Batch) -> Said:
        again = self.read_again(batch)
        said = Said.nothing(len(again))
        pictures = [n for n, each in enumerate(again) for _ in each.readings]
        sources = [SOURCES.index(r.kind) for each in again for r in each.readings]
        if pictures:
            pixels = np.stack([r.pixels for each in again for r in each.readings])
            said.hear(np.array(pictures), np.array(sources), self._judges(pixels))
        everywhere = np.arange(len(again))
        said.hear_head(HEAD, everywhere, np.stack([each.head for each in again]))
        said.hear_head(AGAIN, everywhere, np.stack([each.again for each in again]))
        return said

    def read_again(self, batch: Batch) -> list[ReadAgain]:
        """All readings of the pictures of `batch`, which are marked on squares of two sides.

        Raises:
            ModelError, OutputError, LimitError: as the ink network raises them.
        """
        bare = [pixels for pixels, seen in zip(batch.pixels, batch.seen, strict=True) if not seen]
        marked = iter(self._marker.mark_all(bare, side_of))
        first = [
            seen or Seen(pixels, *next(marked))
            for pixels, seen in zip(batch.pixels, batch.seen, strict=True)
        ]
        pictures = [seen.picture for seen in first]
        second = self._marker.mark_all(pictures, lambda pixels: SECOND_SIDE[side_of(pixels)])
        return [
            ReadAgain(readings(seen.picture, seen.maps, again.maps), seen.classes, again.classes)
            for seen, again in zip(first, second, strict=True)
        ]


def _standing(seen: Seen | None) -> NDArray[np.uint8] | None:
    """A small picture that was marked, (28, 28): heard at first beside its map's reading."""
    if seen is None or side_of(seen.picture) != SMALL:
        return None
    return as_it_stands(seen.picture)


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
    said = Said.nothing(len(batch.refs))
    marked = np.array([seen is not None for seen in batch.seen], bool)
    standing = {
        place: pixels
        for place, seen in enumerate(batch.seen)
        if (pixels := _standing(seen)) is not None
    }
    kinds = np.where(marked, SOURCES.index(ReadingKind.MAP), SOURCES.index(ReadingKind.STANDS))
    answers = classify(np.concatenate([batch.pixels, *(each[None] for each in standing.values())]))
    said.hear(np.arange(len(marked)), kinds, answers[: len(marked)])
    if standing:
        as_stood = np.full(len(standing), SOURCES.index(ReadingKind.STANDS))
        said.hear(np.array([*standing]), as_stood, answers[len(marked) :])
    if marked.any():
        classes = np.stack([seen.classes for seen in batch.seen if seen is not None])
        said.hear_head(HEAD, np.flatnonzero(marked), classes)
    return said
