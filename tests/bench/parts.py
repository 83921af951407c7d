"""`python -m tests.bench.parts`: what each part of a reading gives.

    python -m tests.bench.parts $DIGITS_DATA/mnist.npz --count 1000

The pictures are rendered as those for training are, of MNIST's first 5,000, which the networks have
not seen: choices may be made by these figures. Of digits: how many are read right by the classifier
from the map, by the class head of the ink network, and by both together; and with the map of large
pictures at other sizes than the network was trained on.
"""

import argparse
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict import marking
from batch_predict.marking import groups
from batch_predict.normalize import from_maps, letterbox
from batch_predict.records import CLASSES, INK_CLASSES, Batch, ImageRef, Prepared, Reduced
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.joint_rule import JointRule
from batch_predict.runtimes.model_file import find_model
from train.data import HELD_OUT_OF_RENDERED, Pictures, load
from train.marking import marker
from train.pictures import kinds

SEED: Final = 78
SIZES: Final = (128, 160, 192, 256)  # pixels, the side of the square for large pictures
BATCH: Final = 256

Floats = NDArray[np.float32]


def drawn(digits: Pictures, group: str, count: int) -> list[tuple[Reduced, int]]:
    """`count` pictures of digits of the kinds that are `group`, as a decoder gives them."""
    rng = np.random.default_rng(SEED)
    found = []
    while len(found) < count:
        sample = kinds.draw(rng, digits, {"large": kinds.LARGE, "small": kinds.SMALL}[group])
        if sample.label < CLASSES:
            found.append((Reduced(ImageRef(str(len(found))), sample.pixels), sample.label))
    return found


def answers(pictures: Sequence[Reduced], model: str, side: int) -> tuple[Floats, Floats]:
    """Of each picture: the classifier's ten probabilities, and the class head's twelve."""
    before = letterbox.LARGE, marking.TOGETHER, from_maps.LARGE
    letterbox.LARGE = from_maps.LARGE = side
    marking.TOGETHER = {letterbox.SMALL: 64, side: 8}
    try:
        return _answers([p._replace(pixels=letterbox.reduced(p.pixels)) for p in pictures], model)
    finally:
        letterbox.LARGE, marking.TOGETHER, from_maps.LARGE = before


def _answers(pictures: Sequence[Reduced], model: str) -> tuple[Floats, Floats]:
    classifier = find_runtime("onnx").load_classifier(find_model(model), BATCH)
    ten = np.full((len(pictures), CLASSES), 1 / CLASSES, np.float32)  # of a blank one
    twelve = np.zeros((len(pictures), INK_CLASSES), np.float32)
    read = [item for group in groups(pictures) for item in marker().read(group)]
    batch = Batch.of([item for item in read if isinstance(item, Prepared)])
    while batch.refs:
        part, batch = batch.split(BATCH)
        pixels = np.zeros((BATCH, 28, 28, 1), np.float32)
        pixels[: len(part.refs)] = part.pixels[..., None] / np.float32(255)
        at = [int(ref.path) for ref in part.refs]
        ten[at] = classifier(pixels)[: len(at)]
        twelve[at] = part.classes
    return ten, twelve


def lines(mnist: str, model: str, count: int) -> Iterator[str]:
    """The table."""
    digits = load(mnist, held_out=HELD_OUT_OF_RENDERED).validation
    rule = find_model(model).joint_rule or JointRule(0.5, 1.0)
    ways = {
        "map": rule._replace(classifier_weight=1.0),
        "class head": rule._replace(classifier_weight=0.0),
    }
    ways["both"] = rule
    yield f"| pictures | side | {' | '.join(ways)} |"
    yield f"| --- | --- |{' --- |' * len(ways)}"
    for group, sizes in (("large", SIZES), ("small", (letterbox.LARGE,))):
        pictures, labels = zip(*drawn(digits, group, count), strict=True)
        for side in sizes:
            ten, twelve = answers(pictures, model, side)
            right = (
                (way.join(ten, twelve).argmax(axis=1) == labels).mean() for way in ways.values()
            )
            shown = side if group == "large" else letterbox.SMALL
            yield f"| {group} | {shown} | {' | '.join(f'{share:.2%}' for share in right)} |"


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
