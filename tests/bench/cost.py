"""`python -m tests.bench.cost`: what decoding and normalizing costs, beside bare Pillow.

In alternation on one core; the median of each, and their ratio.
"""

import io
import time

import cv2
import numpy as np
from PIL import Image

from batch_predict.decode import decode
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.pipeline import normalize
from batch_predict.options import MAX_PIXELS
from batch_predict.records import SIDE, ImageRef
from tests.bench.sets import make_set
from tests.bench.surfaces import UNSEEN
from train.drawn import Difficulty, draw_digit, photograph

PHOTO = (3000, 4000)  # px: 12 megapixels
ROUNDS = 7


def ours(data):
    return normalize(decode(ImageRef("picture", len(data)), data, MAX_PIXELS), *DEFAULTS)


def bare(data):
    return np.asarray(Image.open(io.BytesIO(data)))


def reduced(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("L").resize((SIDE, SIDE)))


DEFAULTS = (Preprocess.AUTO, Polarity.AUTO)


def photos(count):
    """JPEGs of 12 megapixels with a few of the usual troubles."""
    rng = np.random.default_rng(5)
    difficulty = Difficulty(light=0.4, shadow=0.3, lines=0.4, noise=0.2, rough=0.3, edge=0.3)
    for digit in range(count):
        ink = draw_digit(rng, digit, min(PHOTO))
        file = io.BytesIO()
        Image.fromarray(photograph(rng, ink, difficulty, PHOTO, UNSEEN)).save(file, "JPEG")
        yield file.getvalue()


def measure(name, files, other):
    """Seconds a picture of `other` and of our way, in alternation."""
    seconds = {other: [], ours: []}
    for _ in range(ROUNDS):
        for way, spent in seconds.items():
            start = time.perf_counter()
            for data in files:
                way(data)
            spent.append((time.perf_counter() - start) / len(files))
    theirs, mine = (float(np.median(spent)) for spent in seconds.values())
    print(f"| {name} | {theirs * 1000:.3f} | {mine * 1000:.3f} | {mine / theirs:.2f} |")


def main():
    cv2.setNumThreads(1)
    print("| pictures | Pillow, ms | decode and normalize, ms | ratio |\n| --- | --- | --- | --- |")
    measure("MNIST PNG, read", [s.data for s in make_set("MNIST", 500)], bare)
    measure("12 MP JPEG, reduced to 28x28", list(photos(3)), reduced)


if __name__ == "__main__":
    main()
