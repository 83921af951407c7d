"""Prepared pictures -> rows: one batch shape, and a picture's answer never leaves its side."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.errors import ModelError
from batch_predict.records import (
    CLASSES,
    PIXEL_MAX,
    REVIEW_CODES,
    SIDE,
    Blank,
    Code,
    Failure,
    Prepared,
    Reason,
    Row,
    Status,
    join_reasons,
)
from batch_predict.runtimes import Runtime

SUM_TOLERANCE: Final = 1e-3  # how far ten probabilities may be from 1 in sum
DECIMALS: Final = 6  # of a confidence in the CSV


class Scorer:
    """Scores up to `batch_size` pictures at a time with `runtime`.

    Every batch is padded to the full size, so the network sees one shape, and a picture's answer
    does not depend on how many came with it. A confidence under `review_below` sends a picture to
    a person; None sends none.
    """

    def __init__(self, runtime: Runtime, batch_size: int, review_below: float | None) -> None:
        self._runtime = runtime
        self._review_below = review_below
        self._pixels = np.zeros((batch_size, SIDE, SIDE, 1), np.float32)

    def __call__(self, batch: Sequence[Prepared]) -> list[Row]:
        """One row for each of `batch`, at most `batch_size` of them.

        Raises:
            ModelError: the model's outputs are not ten finite probabilities that sum to 1.
        """
        stack = np.stack([prepared.pixels for prepared in batch])
        np.divide(stack[..., None], np.float32(PIXEL_MAX), out=self._pixels[: len(batch)])
        probabilities = self._runtime(self._pixels)[: len(batch)]
        _check(probabilities)
        ink = stack.mean(axis=(1, 2)) / PIXEL_MAX
        labels = probabilities.argmax(axis=1)
        rounded = probabilities.astype(np.float64).round(DECIMALS)
        return [
            self._row(*each)
            for each in zip(batch, labels.tolist(), rounded.tolist(), ink.tolist(), strict=True)
        ]

    def _row(self, prepared: Prepared, label: int, probabilities: list[float], ink: float) -> Row:
        confidence = probabilities[label]
        reasons = prepared.reasons
        if self._review_below is not None and confidence < self._review_below:
            words = f"below {self._review_below:g}"
            reasons = (*reasons, Reason(Code.LOW_CONFIDENCE, words))
        review = any(reason.code in REVIEW_CODES for reason in reasons)
        return Row(
            ref=prepared.ref,
            label=label,
            confidence=confidence,
            status=Status.REVIEW if review else Status.OK,
            reason=join_reasons(reasons),
            probabilities=tuple(probabilities),
            ink=round(ink, DECIMALS),
        )


def unscored(item: Blank | Failure) -> Row:
    """The row of a picture that never reaches the model."""
    if isinstance(item, Failure):
        return Row(item.ref, None, None, Status.FAILED, str(item.reason))
    return Row(item.ref, None, None, Status.BLANK, join_reasons(item.reasons))


def _check(probabilities: NDArray[np.float32]) -> None:
    if probabilities.shape[1:] != (CLASSES,) or not np.isfinite(probabilities).all():
        raise ModelError("the model's outputs are not ten finite numbers a picture")
    off = float(np.abs(probabilities.sum(axis=1) - 1).max())
    if off > SUM_TOLERANCE:
        raise ModelError(f"the model's outputs do not sum to 1: they are off by up to {off:.3g}")
