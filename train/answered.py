"""Test pictures and what came of them, by a network alone or by the program with all its looks."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.drift.profile import Profile, profile_of
from batch_predict.engines.full_batches import FullBatches
from batch_predict.normalize.modes import Preprocess
from batch_predict.options import Options
from batch_predict.records import CLASSES, PIXEL_MAX, SIDE, Batch, Blank, Prepared, Status
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.looks_plan import SCREEN
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.rule import Opinion
from batch_predict.scoring import Networks, Scorer, plan_of

from .calibrate import calibration_error
from .data import Pictures
from .judging import LOOKS
from .marking import marker

BATCH: Final = Options.batch_size


class Answered(NamedTuple):
    """n pictures as the first look sees them, and what came of them."""

    pictures: Pictures
    probabilities: NDArray[np.float32]  # (n, 10), zeros for a blank one
    review: NDArray[np.bool_]  # (n,), whether a person sees it

    @property
    def has_label(self) -> NDArray[np.bool_]:
        """(n,): the others are blank."""
        return np.asarray(self.probabilities.any(axis=1))

    @property
    def right(self) -> NDArray[np.bool_]:
        """(n,)."""
        right = self.probabilities.argmax(axis=1) == self.pictures.labels
        return np.asarray(right & self.has_label)

    def calibration_error(self) -> float:
        """Of what has a label."""
        at = self.has_label
        return round(calibration_error(self.probabilities[at], self.pictures.labels[at]), 5)

    def profile(self) -> Profile:
        """As a run over these pictures has it."""
        at = self.has_label
        labels, confidence = self.probabilities.argmax(axis=1), self.probabilities.max(axis=1)
        ink = self.pictures.pixels.mean(axis=(1, 2)) / PIXEL_MAX
        return profile_of(labels[at], confidence[at], ink[at])


def scorer_of(model: ModelFile) -> Scorer:
    """The program with `model` on Keras, its judges too; raises as `Networks.beside`.

    The ink network is on ONNX Runtime, as wherever training uses it.
    """
    networks = Networks.beside(marker(), model, find_runtime("keras"), BATCH)
    return Scorer(networks, plan_of(model, Preprocess.AUTO), BATCH, model.review_below)


def answered_by(
    scorer: Scorer, items: Sequence[Prepared | Blank]
) -> tuple[Answered, dict[str, int]]:
    """What comes of `items`, whose refs have their truth; and how many each look answered."""
    probabilities = np.zeros((len(items), CLASSES), np.float32)
    pixels = np.zeros((len(items), SIDE, SIDE), np.uint8)
    review = np.zeros(len(items), bool)
    looked = np.zeros(len(LOOKS), int)
    places = np.flatnonzero([isinstance(item, Prepared) for item in items])
    prepared = [item for item in items if isinstance(item, Prepared)]
    for batch, opinion in opinions(scorer, prepared):
        at, places = np.split(places, [len(batch.refs)])
        rows = scorer.rows(batch, opinion)
        pixels[at], probabilities[at] = batch.pixels, opinion.probabilities
        review[at] = [row.status is Status.REVIEW for row in rows]
        looked += np.bincount(opinion.looks - SCREEN, minlength=len(LOOKS))
    labels = np.array([item.ref.truth for item in items], np.uint8)
    answered = Answered(Pictures(pixels, labels), probabilities, review)
    return answered, dict(zip(LOOKS, looked.tolist(), strict=True))


def opinions(scorer: Scorer, prepared: Sequence[Prepared]) -> Iterator[tuple[Batch, Opinion]]:
    """`prepared`, in their order, as many together as a run scores; and the answers."""
    together = FullBatches(BATCH)
    batches = (Batch.of(prepared[at : at + BATCH]) for at in range(0, len(prepared), BATCH))
    for full in chain(chain.from_iterable(map(together.add, batches)), together.rest()):
        yield full, scorer.predict(full)
