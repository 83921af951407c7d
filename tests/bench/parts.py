"""`python -m tests.bench.parts`: what each part of a reading gives.

    python -m tests.bench.parts $DIGITS_DATA/mnist.npz --count 1000

The pictures are rendered as those for training are, of MNIST's first 5,000, which the networks have
not seen: choices may be made by these figures. Of digits: how many are read right by the classifier
from the map, by the class head of the ink network, and by both together, which is the first look;
and with the map of large pictures at other sizes than the network was trained on.
"""

import argparse
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from batch_predict import marking
from batch_predict.looks import said_of_first
from batch_predict.normalize import from_maps, letterbox
from batch_predict.normalize.readings import ReadingKind
from batch_predict.records import CLASSES, Batch, ImageRef, Prepared, Reduced
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.looks_plan import Form
from batch_predict.runtimes.model_file import find_model
from batch_predict.runtimes.padded import Padded
from batch_predict.runtimes.rule import HEAD, SOURCES, Said
from train.data import HELD_OUT_OF_RENDERED, Pictures, load
from train.marking import marker
from train.pictures import kinds

SEED: Final = 78
SIZES: Final = (128, 160, 192, 256)  # pixels, the side of the square for large pictures
BATCH: Final = 256


def drawn(digits: Pictures, group: str, count: int) -> list[tuple[Reduced, int]]:
    """`count` pictures of digits of the kinds that are `group`, as a decoder gives them."""
    rng = np.random.default_rng(SEED)
    found = []
    while len(found) < count:
        sample = kinds.draw(rng, digits, {"large": kinds.LARGE, "small": kinds.SMALL}[group])
        if sample.label < CLASSES:
            found.append((Reduced(ImageRef(str(len(found))), sample.pixels), sample.label))
    return found


class Shown(NamedTuple):
    """Pictures that are not blank, and what is said of their first readings."""

    places: list[int]  # of all pictures
    said: Said


def shown(pictures: Sequence[Reduced], model: str, side: int) -> Shown:
    """What classifier and class head say, with large pictures on squares of `side`.

    `pictures` are all large, or all small.
    """
    before = letterbox.LARGE, marking.TOGETHER, from_maps.LARGE
    letterbox.LARGE = from_maps.LARGE = side
    marking.TOGETHER = {letterbox.SMALL: 64, side: 8}
    try:
        return _shown([p._replace(pixels=letterbox.reduced(p.pixels)) for p in pictures], model)
    finally:
        letterbox.LARGE, marking.TOGETHER, from_maps.LARGE = before


def _shown(pictures: Sequence[Reduced], model: str) -> Shown:
    classify = Padded(find_runtime("onnx").load_classifier(find_model(model), BATCH), BATCH)
    at_a_time = marking.TOGETHER[letterbox.side_of(pictures[0].pixels)]
    parts = (pictures[at : at + at_a_time] for at in range(0, len(pictures), at_a_time))
    read = [item for part in parts for item in marker().read(part)]
    batch = Batch.of([item for item in read if isinstance(item, Prepared)])
    said = said_of_first(batch, classify)
    return Shown([int(ref.path) for ref in batch.refs], said)


def lines(mnist: str, model: str, count: int) -> Iterator[str]:
    """The table."""
    digits = load(mnist, held_out=HELD_OUT_OF_RENDERED).validation
    plan = find_model(model).looks
    if plan is None:
        raise SystemExit(f"the card of {model} has no looks")
    rule = plan.screen.rules[Form.OTHER]
    ways = {
        "map": lambda said: said.digits[:, SOURCES.index(ReadingKind.MAP)],
        "class head": lambda said: said.digits[:, SOURCES.index(HEAD)],
        "both": lambda said: rule.opinion(said).probabilities,
    }
    yield f"| pictures | side | {' | '.join(ways)} |"
    yield f"| --- | --- |{' --- |' * len(ways)}"
    for group, sizes in (("large", SIZES), ("small", (letterbox.LARGE,))):
        pictures, labels = zip(*drawn(digits, group, count), strict=True)
        for side in sizes:
            places, said = shown(pictures, model, side)
            told = np.array(labels)[places]
            right = (
                np.count_nonzero(way(said).argmax(axis=1) == told) / count for way in ways.values()
            )
            name = side if group == "large" else letterbox.SMALL
            yield f"| {group} | {name} | {' | '.join(f'{share:.2%}' for share in right)} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.parts")
    parser.add_argument("mnist", help="the MNIST .npz file")
    parser.add_argument("--model", default="digits")
    parser.add_argument("--count", type=int, default=1000, help="large pictures, and small ones")
    options = parser.parse_args()
    for line in lines(options.mnist, options.model, options.count):
        print(line, flush=True)


if __name__ == "__main__":
    main()
