"""Reduced pictures -> prepared ones: the ink network marks what is written on them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.from_maps import from_maps
from batch_predict.normalize.letterbox import LARGE, SMALL, letterbox, side_of
from batch_predict.normalize.readings import SECOND_SIDE
from batch_predict.records import Blank, Prepared, Reduced
from batch_predict.runtimes.ink import Ink

# Pictures that are marked together, by the side of their square: enough for some cores, and few
# enough that what the network makes of them takes little memory.
TOGETHER: Final = {SMALL: 64, SECOND_SIDE[SMALL]: 32, SECOND_SIDE[LARGE]: 16, LARGE: 8}


class Marked(NamedTuple):
    """What the ink network says of a picture."""

    maps: NDArray[np.uint8]  # (h, w, 3), as the picture lies on its square: ink, writing, print
    classes: NDArray[np.float32]  # (12,) probabilities: ten digits, empty, something else


class Marker:
    """Marks pictures with the ink network, and reads the maps; several threads may call it.

    The maps are read in the calling thread, while the network runs for another: threads of their
    own for it only wait for each other, as half of its time is spent in Python.
    """

    def __init__(self, ink: Ink) -> None:
        self._ink = ink

    def read(self, pictures: Sequence[Reduced]) -> list[Prepared | Blank]:
        """What becomes of `pictures`, which go on squares of one side; raises as `Ink`."""
        side = side_of(pictures[0].pixels)
        marked = self.mark([picture.pixels for picture in pictures], side)
        return [from_maps(picture, *each) for picture, each in zip(pictures, marked, strict=True)]

    def mark_all(
        self,
        pictures: Sequence[NDArray[np.uint8]],
        side_of_picture: Callable[[NDArray[np.uint8]], int],
    ) -> list[Marked]:
        """What the network says of `pictures` (h, w[, 3]), each on a square of the side that
        `side_of_picture` gives, in groups that take little memory; raises as `Ink`."""
        by_side: dict[int, list[int]] = {}
        for place, pixels in enumerate(pictures):
            by_side.setdefault(side_of_picture(pixels), []).append(place)
        found: dict[int, Marked] = {}
        for side, places in by_side.items():
            for at in range(0, len(places), TOGETHER[side]):
                part = places[at : at + TOGETHER[side]]
                found |= zip(part, self.mark([pictures[n] for n in part], side), strict=True)
        return [found[place] for place in range(len(pictures))]

    def mark(self, pictures: Sequence[NDArray[np.uint8]], side: int) -> list[Marked]:
        """What the network says of `pictures` (h, w[, 3]) on squares of `side`; raises as `Ink`."""
        squares = np.empty((len(pictures), side, side, 3), np.uint8)
        boxes = []
        for square, picture in zip(squares, pictures, strict=True):
            square[...], box = letterbox(picture, side)
            boxes.append(box)
        maps, classes = self._ink(squares)
        return [Marked(box.cut(maps[n]), classes[n]) for n, box in enumerate(boxes)]


class Grouping:
    """Collects pictures until as many of a side are there as go together."""

    def __init__(self) -> None:
        self._waiting: dict[int, list[Reduced]] = {side: [] for side in (SMALL, LARGE)}

    def full(self, pictures: Iterable[Reduced]) -> Iterator[list[Reduced]]:
        """Take `pictures`; the groups that they make full."""
        for picture in pictures:
            side = side_of(picture.pixels)
            self._waiting[side].append(picture)
            if len(self._waiting[side]) == TOGETHER[side]:
                yield self._taken(side)

    def rest(self) -> Iterator[list[Reduced]]:
        """The groups that are not full."""
        return filter(None, [self._taken(side) for side in self._waiting])

    def _taken(self, side: int) -> list[Reduced]:
        group, self._waiting[side] = self._waiting[side], []
        return group


def groups(pictures: Iterable[Reduced]) -> Iterator[list[Reduced]]:
    """`pictures` in groups that go together, full but for the last of each side."""
    grouping = Grouping()
    yield from grouping.full(pictures)
    yield from grouping.rest()
