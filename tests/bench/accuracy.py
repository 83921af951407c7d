"""`python -m tests.bench.accuracy`: accuracy per set through decode, normalize and model.

    DIGITS_DATA=... python -m tests.bench.accuracy --model digits --count 300 --sets 'photos|MNIST'

For pictures without a digit nothing is right; what counts is how many go to review or are blank.
"""

import argparse
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.metrics import roc_auc_score

from batch_predict.decode import decode
from batch_predict.evaluate.reliability import wilson
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.pipeline import normalize
from batch_predict.options import MAX_PIXELS
from batch_predict.records import SIDE, ImageRef, Prepared, Row, Status
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.model_file import find_model
from batch_predict.scoring import Scorer, unscored
from tests.bench.sets import SETS, Sample
from tests.bench.sheets import save_failures
from tests.support.steps import score

BATCH = 256
GROUPS = ("corrupted: ", "photos: ")
COLUMNS = ("set", "pictures", "right", "95% interval", "review", "blank")
EMPTY = np.zeros((SIDE, SIDE), np.uint8)


class Outcome(NamedTuple):
    """What became of a sample, and the (28, 28) uint8 that the model saw."""

    sample: Sample
    row: Row
    seen: np.ndarray

    @property
    def right(self):
        return self.sample.label is not None and self.row.label == self.sample.label


def outcomes(samples, scorer, preprocess):
    """Decodes, normalizes and scores samples."""
    prepared = [_prepare(sample, preprocess) for sample in samples]
    scored = [item for item in prepared if isinstance(item, Prepared)]
    batches = (scored[start : start + BATCH] for start in range(0, len(scored), BATCH))
    rows = (row for batch in batches for row in score(scorer, batch))
    return [
        Outcome(sample, next(rows), item.pixels)
        if isinstance(item, Prepared)
        else Outcome(sample, unscored(item), EMPTY)
        for sample, item in zip(samples, prepared, strict=True)
    ]


def _prepare(sample, preprocess):
    picture = decode(
        ImageRef("sample", len(sample.data), truth=sample.label), sample.data, MAX_PIXELS
    )
    return normalize(picture, preprocess, Polarity.AUTO)


def line(name, scored):
    """A set's line of the table."""
    count = len(scored)
    with_digit = sum(o.sample.label is not None for o in scored)
    right = sum(o.right for o in scored)
    low, high = wilson(right, with_digit) if with_digit else (0, 0)
    accuracy = f"{right / with_digit:.2%} | {low:.1%} to {high:.1%}" if with_digit else "- | -"
    review, blank = (sum(o.row.status == s for o in scored) for s in (Status.REVIEW, Status.BLANK))
    return f"| {name} | {count} | {accuracy} | {review / count:.1%} | {blank / count:.1%} |"


def auroc(scored):
    """Of confidence, digits against all else; a blank has none. None where one side is empty."""
    truth = [o.sample.label is not None for o in scored]
    if len(set(truth)) < 2:
        return None
    return roc_auc_score(truth, [o.row.confidence or 0 for o in scored])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="digits", help="a shipped model's name or a path")
    parser.add_argument("--count", type=int, default=100, help="pictures per set")
    parser.add_argument("--sets", default="", help="only sets whose name matches this pattern")
    parser.add_argument("--preprocess", type=Preprocess, default=Preprocess.AUTO)
    parser.add_argument("--sheets", type=Path, help="folder for contact sheets of the failures")
    options = parser.parse_args()
    model = find_model(options.model)
    scorer = Scorer(find_runtime("keras")(model, BATCH), BATCH, model.review_below)
    print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}")
    seen = {}
    for name in (name for name in SETS if re.search(options.sets, name)):
        seen[name] = outcomes(SETS[name](options.count), scorer, options.preprocess)
        print(line(name, seen[name]), flush=True)
        if options.sheets:
            save_failures(seen[name], options.sheets / f"{re.sub('[^A-Za-z0-9.]+', '_', name)}.png")
    for group in GROUPS:
        members = [o for name, scored in seen.items() if name.startswith(group) for o in scored]
        if members:
            print(line(f"all {group.rstrip(': ')}", members))
    area = auroc([o for scored in seen.values() for o in scored])
    if area is not None:
        print(f"\nAUROC of confidence, digits against all else: {area:.4f}")


if __name__ == "__main__":
    main()
