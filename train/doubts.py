"""`python -m train.doubts mnist.npz`: what the rules of `normalize.from_maps` catch, on renderings.

The pictures are rendered of the digits that validate, half of them large, half small. For each rule
and threshold: how many digits it catches, how many of those are misread, and how many pictures it
catches that are empty or hold something else.
"""

import argparse
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np

from batch_predict.marking import groups
from batch_predict.normalize.letterbox import LARGE, side_of
from batch_predict.normalize.map_reading import MapReading, read_maps
from batch_predict.records import CLASSES, EMPTY, OTHER, ImageRef, Reduced

from .data import HELD_OUT_OF_RENDERED, load
from .marking import marker
from .pictures import kinds

SEED: Final = 77
RULES: Final = {
    "empty": (0.3, 0.5, 0.7, 0.9),
    "something else": (0.3, 0.5, 0.7, 0.9),
    "other writing": (0.3, 0.5, 0.6, 0.8, 0.95),
    "at the frame (large)": (0.1, 0.2, 0.3, 0.5),
    "unclear": (0.2, 0.3, 0.4, 0.5),
}


class Seen(NamedTuple):
    """A picture's label, what the class head takes it for, and how far each rule applies."""

    label: int
    is_right: bool
    measures: dict[str, float]


def seen(mnist: str, count: int) -> Iterator[Seen]:
    """`count` large pictures and as many small ones."""
    digits = load(mnist, held_out=HELD_OUT_OF_RENDERED).validation
    rng = np.random.default_rng(SEED)
    for group in (kinds.LARGE, kinds.SMALL):
        samples = [kinds.draw(rng, digits, group) for _ in range(count)]
        pictures = [Reduced(ImageRef(str(n)), s.pixels) for n, s in enumerate(samples)]
        for together in groups(pictures):
            marked = marker().mark([p.pixels for p in together], side_of(together[0].pixels))
            for picture, (maps, classes) in zip(together, marked, strict=True):
                label = samples[int(picture.ref.path)].label
                reading = read_maps(maps)
                is_large = side_of(picture.pixels) == LARGE
                measures = {
                    "empty": float(classes[EMPTY]),
                    "something else": float(classes[OTHER]),
                    **(_of_reading(reading, is_large=is_large) if reading else {}),
                }
                yield Seen(label, int(classes[:CLASSES].argmax()) == label, measures)


def _of_reading(reading: MapReading, *, is_large: bool) -> dict[str, float]:
    return {
        "other writing": reading.other,
        "at the frame (large)": reading.at_frame if is_large else 0.0,
        "unclear": 1 - reading.clearness,
    }


def table(pictures: Iterable[Seen]) -> Iterator[str]:
    """A line for each rule and threshold."""
    of = list(pictures)
    digits = sum(each.label < CLASSES for each in of)
    empty = sum(each.label == EMPTY for each in of)
    yield f"{digits} digits, {empty} empty, {len(of) - digits - empty} something else"
    yield "| rule | above | digits | of them misread by the class head | empty | something else |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for rule, thresholds in RULES.items():
        for threshold in thresholds:
            caught = [each for each in of if each.measures.get(rule, 0.0) > threshold]
            there = [each for each in caught if each.label < CLASSES]
            wrong = sum(not each.is_right for each in there)
            bare = sum(each.label == EMPTY for each in caught)
            others = len(caught) - len(there) - bare
            yield f"| {rule} | {threshold:g} | {len(there)} | {wrong} | {bare} | {others} |"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="train.doubts", description=__doc__.splitlines()[0])
    parser.add_argument("mnist", help="the MNIST .npz file")
    parser.add_argument("--count", type=int, default=3000, help="large pictures, and small ones")
    options = parser.parse_args()
    print(*table(seen(options.mnist, options.count)), sep="\n")


if __name__ == "__main__":
    main()
