"""`python -m tests.bench.accuracy`: accuracy per set through decode, normalize and model.

DIGITS_DATA=... python -m tests.bench.accuracy --model digits --count 300 --sets photos
"""

import argparse
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from batch_predict.decode import decode
from batch_predict.modelfile import find_model
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.pipeline import normalize
from batch_predict.records import PIXEL_MAX, SIDE, Blank, ImageRef, Prepared
from batch_predict.runtimes import find_runtime
from tests.bench.sets import SETS
from tests.bench.sheets import save_failures

BATCH = 256
Z = 1.96  # 95%


class Outcome(NamedTuple):
    """What became of a sample; no answer for a blank page."""

    label: int | None
    answer: int | None
    confidence: float
    seen: np.ndarray  # (28, 28) uint8
    data: bytes


def wilson(right, total):
    """Wilson's score interval for a share."""
    share, z2 = right / total, Z * Z / total
    centre = (share + z2 / 2) / (1 + z2)
    half = Z * np.sqrt(share * (1 - share) / total + z2 / total / 4) / (1 + z2)
    return centre - half, centre + half


def prepare(data, preprocess):
    """A file's bytes -> what the model sees, or None for a blank page."""
    picture = decode(ImageRef("sample", len(data), 0, None), data)
    found = normalize(picture, preprocess, Polarity.AUTO)
    return None if isinstance(found, Blank) else found


def outcomes(samples, runtime, preprocess):
    """Scores samples, in batches of one size."""
    prepared = [prepare(sample.data, preprocess) for sample in samples]
    empty = np.zeros((SIDE, SIDE), np.uint8)
    seen = np.stack([p.pixels if isinstance(p, Prepared) else empty for p in prepared])
    batches = np.array_split(
        np.pad(seen, ((0, -len(seen) % BATCH), (0, 0), (0, 0)))[..., None] / PIXEL_MAX,
        -(-len(seen) // BATCH),
    )
    scores = np.concatenate([runtime(batch.astype(np.float32)) for batch in batches])
    return [
        Outcome(s.label, None if p is None else int(row.argmax()), float(row.max()), pixels, s.data)
        for s, p, row, pixels in zip(samples, prepared, scores, seen, strict=False)
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="digits", help="a shipped model's name or a path")
    parser.add_argument("--count", type=int, default=200, help="pictures per set")
    parser.add_argument("--sets", default="", help="only sets whose name matches this pattern")
    parser.add_argument("--preprocess", type=Preprocess, default=Preprocess.AUTO)
    parser.add_argument("--sheets", type=Path, help="folder for contact sheets of the failures")
    options = parser.parse_args()
    runtime = find_runtime("keras")(find_model(options.model).path, BATCH, 0)
    print(
        "| set | pictures | right | 95% interval | called blank |\n| --- | --- | --- | --- | --- |"
    )
    for name in (name for name in SETS if re.search(options.sets, name)):
        scored = outcomes(SETS[name](options.count), runtime, options.preprocess)
        right = sum(o.answer == o.label for o in scored)
        low, high = wilson(right, len(scored))
        blank = sum(o.answer is None for o in scored)
        share = f"{right / len(scored):.2%} | {low:.1%}-{high:.1%}"
        print(f"| {name} | {len(scored)} | {share} | {blank} |", flush=True)
        if options.sheets:
            save_failures(scored, options.sheets / f"{re.sub(r'[^A-Za-z0-9.]+', '_', name)}.png")


if __name__ == "__main__":
    main()
