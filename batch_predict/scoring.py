"""Prepared pictures -> rows: batches of one shape, and each row holds the ref of its picture."""

from dataclasses import replace
from functools import partial
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.looks import Looks
from batch_predict.marking import Marker
from batch_predict.normalize.modes import Preprocess
from batch_predict.pixel_hash import pixel_hashes
from batch_predict.process.fork_lock import FORK_LOCK
from batch_predict.records import (
    CLASSES,
    DECIMALS,
    PIXEL_MAX,
    SIDE,
    Batch,
    Blank,
    Code,
    Failure,
    ReadAs,
    Reason,
    Row,
    Seen,
    Status,
    needs_person,
)
from batch_predict.rows import ANSWER, NONE, STATUSES, Rows
from batch_predict.runtimes import Classifier, Runtime
from batch_predict.runtimes.ink import Ink
from batch_predict.runtimes.judges import Judges
from batch_predict.runtimes.looks_plan import LooksPlan
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.network import Floats
from batch_predict.runtimes.padded import Padded
from batch_predict.runtimes.rule import Opinion, evenness

# Probability that there is no digit: above it, none is likelier than all ten digits together.
NO_DIGIT_ABOVE: Final = 0.5


class Networks(NamedTuple):
    """All networks of a run on one runtime; those that few pictures need load themselves late."""

    classifier: Classifier
    marker: Marker
    judges: Judges | None  # None: the model's card names none

    @classmethod
    def load(
        cls, model: ModelFile, ink: ModelFile, runtime: Runtime, batch_size: int
    ) -> "Networks":
        """`model` and its judges, and `ink`, which is from `find_ink`; raises as `beside`."""
        return cls.beside(Marker(Ink.of(ink, runtime)), model, runtime, batch_size)

    @classmethod
    def beside(
        cls, marker: Marker, model: ModelFile, runtime: Runtime, batch_size: int
    ) -> "Networks":
        """`model` and its judges, beside a `marker` that is there.

        Raises:
            ModelError, OutputError, LimitError: see `LoadClassifier`, `Ink.of` and `Judges`.
        """
        judges = Judges.of(model, runtime)  # first, for it says at once which file is missing
        return cls(runtime.load_classifier(model, batch_size), marker, judges)


class LateNetworks:
    """`Networks.load` when they are first asked for, once in each process that asks."""

    def __init__(self, model: ModelFile, ink: ModelFile, runtime: Runtime, batch_size: int) -> None:
        self._load: Final = partial(Networks.load, model, ink, runtime, batch_size)
        self._loaded: Networks | None = None

    def __call__(self) -> Networks:
        """They, for all threads of this process; raises as `Networks.load`."""
        with FORK_LOCK.held():
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    @property
    def is_loaded(self) -> bool:
        """Whether this process has asked for them."""
        return self._loaded is not None


def plan_of(model: ModelFile, preprocess: Preprocess) -> LooksPlan | None:
    """Which looks a picture gets; None: the answer of `model` to its first reading counts."""
    if model.looks is not None and preprocess is Preprocess.PLAIN:
        return model.looks.of_first_reading()  # nothing else is made of a picture
    return model.looks


class Scorer:
    """Scores batches of any size, of which the first network sees `batch_size` pictures at a time.

    A confidence under `review_below` sends a picture to a person; None sends none.
    """

    def __init__(
        self,
        networks: Networks,
        plan: LooksPlan | None,
        batch_size: int,
        review_below: float | None = None,
    ) -> None:
        """`plan` is from the card of the model; None: its answer to the first reading counts."""
        self._screen = Padded(networks.classifier, batch_size)
        self._review_below = review_below
        self.marker = networks.marker
        judges = networks.judges or self._screen
        self._looks = plan and Looks(plan, self._screen, judges, networks.marker)

    def predict(self, batch: Batch) -> Opinion:
        """The answer for the n pictures of `batch`.

        Raises:
            ModelError: a model's outputs are not ten probabilities that sum to 1.
            ModelError, OutputError, LimitError: see `Looks.opinion`.
        """
        if self._looks is not None:
            return self._looks.opinion(batch)
        answers = self._screen(batch.pixels)
        return Opinion.of_one_look(answers, _without_plan(batch, answers))

    def readings(self, batch: Batch) -> list[tuple[ReadAs, ...]]:
        """Of each picture of `batch`, the readings that judges see, for a person: see `Looks`.

        Raises:
            ModelError, OutputError, LimitError: see `predict`.
        """
        if self._looks is None:
            return [() for _ in batch.refs]
        return self._looks.readings(batch, self.predict(batch))

    def rows(self, batch: Batch, opinion: Opinion) -> Rows:
        """One row for each of the n pictures of `batch`, given the answer for each."""
        answers = np.empty(len(batch.refs), ANSWER)
        answers["label"] = opinion.probabilities.argmax(axis=1)
        answers["probabilities"] = _rounded(opinion.probabilities)
        answers["confidence"] = answers["probabilities"].max(axis=1)
        answers["no_digit"] = _rounded(opinion.no_digit)
        # Of whole numbers the sum is exact, and so their mean.
        sums = batch.pixels.sum(axis=(1, 2), dtype=np.uint32)
        answers["ink"] = (sums / (SIDE * SIDE) / PIXEL_MAX).round(DECIMALS)
        answers["pixel_hash"] = pixel_hashes(batch.pixels)
        reasons = list(batch.reasons)
        for index in np.flatnonzero(answers["no_digit"] > NO_DIGIT_ABOVE).tolist():
            if self._knows_no_digit(batch.seen[index]):
                reasons[index] = (*reasons[index], _no_digit(answers["no_digit"][index]))
        answers["model_label"], answers["model_confidence"] = NONE, np.nan  # not decided yet
        answers["status"] = STATUSES.index(Status.OK)
        doubted = np.array([needs_person(each) for each in reasons], bool)
        answers["status"][doubted] = STATUSES.index(Status.REVIEW)
        rows = Rows(batch.refs, answers, reasons, [""] * len(reasons))
        return sent_to_review(rows, self._review_below)

    def _knows_no_digit(self, seen: Seen | None) -> bool:
        """Whether what is said of no digit counts: by a model with looks, or by the class head.

        A model that never learned to answer evenly where there is no digit does so in other doubts.
        """
        return self._looks is not None or seen is not None


def _no_digit(probability: float) -> Reason:
    share = f"{probability:.3f}, above {NO_DIGIT_ABOVE:g}"
    return Reason(Code.NO_DIGIT, f"likelier none than one of the ten: {share}")


def _rounded(probabilities: Floats) -> NDArray[np.float64]:
    return probabilities.astype(np.float64).round(DECIMALS) + 0.0  # no -0: SQLite keeps none


def _without_plan(batch: Batch, answers: Floats) -> Floats:
    """How likely the pictures of `batch` (n,) show no digit where only `answers` (n, 10) count.

    The class head knows of it, where it saw them; of others nobody asked but the model.
    """
    none = evenness(answers)
    for place, seen in enumerate(batch.seen):
        if seen is not None:
            none[place] = seen.classes[CLASSES:].sum()
    return none


def sent_to_review(rows: Rows, review_below: float | None) -> Rows:
    """`rows`, but those with a confidence under `review_below`, if that is not None, for review.

    It is a cut on what was scored, so that a run with another one scores nothing anew.
    """
    if review_below is None:
        return rows
    low = rows.answers["confidence"] < review_below  # not where there is none
    if not low.any():
        return rows
    answers, reasons = rows.answers.copy(), list(rows.reasons)
    answers["status"][low] = STATUSES.index(Status.REVIEW)
    reason = Reason(Code.LOW_CONFIDENCE, f"below {review_below:g}")
    for index in np.flatnonzero(low).tolist():
        reasons[index] = (*reasons[index], reason)
    return replace(rows, answers=answers, reasons=reasons)


def unscored(item: Blank | Failure) -> Row:
    """The row of a picture that never reaches the model."""
    if isinstance(item, Failure):
        return Row(item.ref, None, None, Status.FAILED, (item.reason,), cause=item.cause)
    return Row(item.ref, None, None, Status.BLANK, item.reasons)
