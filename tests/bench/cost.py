"""`python -m tests.bench.cost`: CPU time of what a run does to a picture.

    python -m tests.bench.cost reading
    DIGITS_DATA=... python -m tests.bench.cost looks --count 200

`reading` is all but the classifiers, on ONNX Runtime, beside bare Pillow, for each kind of photo
and scan: in alternation, the median CPU time of each, and their ratio. `looks` is what the
classifiers take for a picture that was read, all looks together, beside `article-code`'s
`predict_on_batch`: on MNIST's test set and on the hardest kinds, where the last columns leave out
the maps that a third look asks for, and what is read of them.
"""

import argparse
import io
import time
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from batch_predict.decode import decode
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.pipeline import normalize
from batch_predict.options import MAX_PIXELS
from batch_predict.records import ImageRef
from batch_predict.runtimes import RUNTIMES
from tests.bench import looks_cost
from tests.bench.pages import phone_photos, scans
from tests.bench.reduced import reduced
from tests.bench.sets import make_set
from train.marking import marked

ROUNDS = 7
PAGES = 2  # photos and scans of each kind


def ours(files):
    """From the bytes to what the classifier sees."""
    pictures = (decode(ImageRef("picture", len(data)), data, MAX_PIXELS) for data in files)
    marked(normalize(picture, Preprocess.AUTO, Polarity.AUTO) for picture in pictures)


def bare(files):
    """From the bytes to pixels."""
    for data in files:
        np.asarray(Image.open(io.BytesIO(data)))


def reduced_alone(files):
    """From the bytes to 28x28 grey, upright."""
    for data in files:
        reduced(data)


def by_kind(files):
    """The bytes of those of a kind together."""
    kinds = {}
    for file in files:
        kinds.setdefault(file.kind, []).append(file.data)
    return kinds


def inverted(count):
    """MNIST's digits black on white: the smallest pictures that need the ink map."""
    for sample in make_set("MNIST", count):
        file = io.BytesIO()
        ImageOps.invert(Image.open(io.BytesIO(sample.data))).save(file, "PNG")
        yield file.getvalue()


def measure(name, files, other):
    """CPU seconds a picture of `other` and of our way, in alternation."""
    seconds = {other: [], ours: []}
    for way in seconds:
        way(files[:1])
    for _ in range(ROUNDS):
        for way, spent in seconds.items():
            start = time.process_time()
            way(files)
            spent.append((time.process_time() - start) / len(files))
    theirs, mine = (float(np.median(spent)) for spent in seconds.values())
    print(f"| {name} | {theirs * 1000:.3f} | {mine * 1000:.3f} | {mine / theirs:.2f} |")


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cost")
    parser.add_argument("part", choices=["reading", "looks"])
    parser.add_argument("--model", default="digits")
    parser.add_argument("--runtimes", nargs="+", default=list(RUNTIMES), choices=RUNTIMES)
    parser.add_argument("--count", type=int, default=200, help="pictures of each hard kind")
    parser.add_argument("--cache", type=Path, help="see `tests.bench.accuracy`")
    options = parser.parse_args()
    if options.part == "looks":
        for line in looks_cost.lines(options.model, options.runtimes, options.count, options.cache):
            print(line, flush=True)
        return
    cv2.setNumThreads(1)
    print("| pictures | Pillow, ms | ours, ms | ratio |\n| --- | --- | --- | --- |")
    measure("MNIST PNG, read", [s.data for s in make_set("MNIST", 500)], bare)
    measure("MNIST PNG, black on white, read", list(inverted(320)), bare)
    for files in (phone_photos(PAGES), scans(PAGES)):
        for kind, each in by_kind(files).items():
            measure(f"{kind}, reduced to 28x28", each, reduced_alone)


if __name__ == "__main__":
    main()
