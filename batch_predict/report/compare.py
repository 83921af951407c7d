"""Compares two CSVs for the same pictures: what changed, and whether chance explains it. Pure."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.evaluate.evaluation import Scored, digit_at, probability_at
from batch_predict.records import Status
from batch_predict.report.align import Aligned
from batch_predict.rows import NONE, STATUSES

MOST_CHANGES: Final = 200  # listed of each effect


@dataclass(frozen=True)
class Change:
    """A picture whose label changed."""

    row: int  # number in the newer CSV, from 0
    truth: int | None
    before: int | None
    label: int | None
    confidence_before: float | None
    confidence: float | None
    status: Status

    @property
    def effect(self) -> str:
        """A `loss`, a `win`, or an `other` change."""
        if self.truth is None or self.truth not in (self.before, self.label):
            return "other"
        return "win" if self.truth == self.label else "loss"


@dataclass(frozen=True)
class Comparison:
    """Paired counts over the `n` rows with truth in both; one without a label is an error."""

    n: int
    only_before: int  # rows without a partner, of either CSV
    only_now: int
    accuracy_before: float | None
    accuracy: float | None
    both_right: int
    wins: int  # right now, wrong before
    losses: int  # wrong now, right before
    both_wrong: int
    mcnemar_p: float  # exact, two-sided
    n_changed: int  # labels that differ, with truth or without
    changed: tuple[Change, ...]  # losses, wins, others, each the most confident first; bounded


def compare(scored: Scored, before: Aligned) -> Comparison:
    """`scored` against an earlier CSV's labels for the same rows."""
    paired = before.present & (scored.truth != NONE)
    now_right = paired & (scored.label == scored.truth)
    was_right = paired & (before.label == scored.truth)
    won, lost = now_right & ~was_right, was_right & ~now_right
    wins, losses, n = int(won.sum()), int(lost.sum()), int(paired.sum())
    differ = before.present & (scored.label != before.label)
    effects = (lost, won, differ & ~lost & ~won)
    listed = np.concatenate([_most_confident(scored, np.flatnonzero(effect)) for effect in effects])
    return Comparison(
        n=n,
        only_before=before.only_there,
        only_now=int((~before.present).sum()),
        accuracy_before=int(was_right.sum()) / n if n else None,
        accuracy=int(now_right.sum()) / n if n else None,
        both_right=int((now_right & was_right).sum()),
        wins=wins,
        losses=losses,
        both_wrong=n - int((now_right | was_right).sum()),
        mcnemar_p=mcnemar_p(wins, losses),
        n_changed=int(differ.sum()),
        changed=tuple(_change(scored, before, int(row)) for row in listed),
    )


def mcnemar_p(wins: int, losses: int) -> float:
    """The two-sided p-value of the exact test of McNemar (Psychometrika 1947).

    It is the binomial test, at a chance of one half, of the wins among the discordant pairs: twice
    the share of the smaller tail, as both are alike. Coefficients are taken relative to the one in
    the middle, so nothing is too large for a float; those far from it are below the least float.
    """
    n, fewer = wins + losses, min(wins, losses)
    middle = n // 2
    lowest = max(middle - math.ceil(20 * math.sqrt(n)), 0)  # below it, under exp(-2 * 20 ** 2)
    k = np.arange(middle, lowest, -1)
    # C(n, k) / C(n, middle) for each k from the middle down to the lowest
    falling = np.append(1.0, np.cumprod(k / (n - k + 1.0)))
    all_outcomes = 2 * falling.sum() - (falling[0] if n % 2 == 0 else 0)
    return min(float(2 * falling[middle - fewer :].sum() / all_outcomes), 1.0)


def _most_confident(scored: Scored, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    return rows[np.argsort(-scored.confidence[rows], kind="stable")][:MOST_CHANGES]


def _change(scored: Scored, before: Aligned, row: int) -> Change:
    return Change(
        row,
        digit_at(scored.truth, row),
        digit_at(before.label, row),
        digit_at(scored.label, row),
        probability_at(before.confidence, row),
        probability_at(scored.confidence, row),
        STATUSES[scored.status[row]],
    )
