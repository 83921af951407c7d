"""Prepared pictures -> rows: batches of one shape, and each row holds the ref of its picture."""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.errors import ModelError
from batch_predict.marking import Marker
from batch_predict.records import (
    CLASSES,
    DECIMALS,
    PIXEL_MAX,
    REVIEW_CODES,
    SIDE,
    Batch,
    Blank,
    Code,
    Failure,
    Reason,
    Row,
    Status,
)
from batch_predict.runtimes import Classifier
from batch_predict.runtimes.joint_rule import JointRule

TOLERANCE: Final = 1e-3  # how far probabilities may be outside 0 to 1, and the sum of ten from 1


class Scorer:
    """Scores up to `batch_size` pictures at a time with `classifier`.

    Every batch is padded to the full size, so the network sees one shape, and a picture's answer
    does not depend on how many came with it. `marker` prepares those pictures that need it, and
    `joint_rule` joins what it takes them for to what `classifier` does; None: that alone counts. A
    confidence under `review_below` sends a picture to a person; None sends none.
    """

    def __init__(
        self,
        classifier: Classifier,
        batch_size: int,
        review_below: float | None,
        marker: Marker,
        joint_rule: JointRule | None = None,
    ) -> None:
        self._classifier = classifier
        self._batch_size = batch_size
        self._review_below = review_below
        self.marker = marker
        self._joint_rule = joint_rule

    def predict(self, batch: Batch) -> NDArray[np.float32]:
        """Probabilities (n, 10) of the n pictures of `batch`, at most `batch_size`.

        Raises:
            ModelError: the model's outputs are not ten probabilities that sum to 1.
        """
        count = len(batch.refs)
        pixels = np.zeros((self._batch_size, SIDE, SIDE, 1), np.float32)
        np.divide(batch.pixels[..., None], np.float32(PIXEL_MAX), out=pixels[:count])
        probabilities = self._classifier(pixels)[:count]
        _check(probabilities)
        if self._joint_rule is None:
            return probabilities
        return self._joint_rule.join(probabilities, batch.classes)

    def rows(self, batch: Batch, probabilities: NDArray[np.float32]) -> list[Row]:
        """One row for each picture of `batch`, given its `probabilities` (n, 10)."""
        rounded = probabilities.astype(np.float64).round(DECIMALS) + 0.0  # no -0: SQLite keeps none
        labels = probabilities.argmax(axis=1)
        confidences = rounded[np.arange(len(labels)), labels]
        without = no_digit(probabilities).astype(np.float64).round(DECIMALS) + 0.0
        ink = (batch.pixels.mean(axis=(1, 2)) / PIXEL_MAX).round(DECIMALS)
        statuses = map(_status, batch.reasons)
        rows = [
            Row(ref, label, confidence, status, reasons, ten, none, ink)
            for ref, label, confidence, status, reasons, ten, none, ink in zip(
                batch.refs,
                labels.tolist(),
                confidences.tolist(),
                statuses,
                batch.reasons,
                map(tuple, rounded.tolist()),
                without.tolist(),
                ink.tolist(),
                strict=True,
            )
        ]
        return list(judged(rows, self._review_below))


def no_digit(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """The probabilities (n,) that n pictures show no digit, by those (n, 10) of the digits.

    The networks learn to answer evenly where there is no digit, a tenth for each, and 0 for nine of
    them where there is one. So the least of the ten is a tenth of what they give to no digit.
    """
    least: NDArray[np.float32] = probabilities.min(axis=1)
    return np.clip(CLASSES * least, np.float32(0), np.float32(1))


def judged(rows: Iterable[Row], review_below: float | None) -> Iterator[Row]:
    """`rows`, but those with a confidence under `review_below`, if that is not None, for review.

    It is a cut on what was scored, so that a run with another one scores nothing anew.
    """
    if review_below is None:
        return iter(rows)
    low = Reason(Code.LOW_CONFIDENCE, f"below {review_below:g}")
    return (
        row
        if row.confidence is None or row.confidence >= review_below
        else row._replace(status=Status.REVIEW, reasons=(*row.reasons, low))
        for row in rows
    )


def _status(reasons: Iterable[Reason]) -> Status:
    return Status.REVIEW if any(each.code in REVIEW_CODES for each in reasons) else Status.OK


def unscored(item: Blank | Failure) -> Row:
    """The row of a picture that never reaches the model."""
    if isinstance(item, Failure):
        return Row(item.ref, None, None, Status.FAILED, (item.reason,), cause=item.cause)
    return Row(item.ref, None, None, Status.BLANK, item.reasons)


def are_probabilities(numbers: NDArray[np.float32]) -> bool:
    """Whether all of `numbers`, of any shape, are from 0 to 1; NaN is not."""
    return bool((np.abs(numbers - 0.5) <= 0.5 + TOLERANCE).all())


def off_sum(probabilities: NDArray[np.float32]) -> float:
    """How far any row of `probabilities` (n, 10) is from 1 in sum, at most."""
    return float(np.abs(probabilities.sum(axis=1) - 1).max(initial=0))


def _check(probabilities: NDArray[np.float32]) -> None:
    if probabilities.shape[1:] != (CLASSES,) or not are_probabilities(probabilities):
        raise ModelError("the model's outputs are not ten numbers from 0 to 1 a picture")
    off = off_sum(probabilities)
    if off > TOLERANCE:
        raise ModelError(f"the model's outputs do not sum to 1: they are off by up to {off:.3g}")
