"""Compares two CSVs for the same pictures: what changed, and whether chance explains it. Pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.evaluate.evaluation import NONE, STATUSES, Scored, digit_at, probability_at
from batch_predict.records import Status
from batch_predict.report.align import Aligned

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
    """`scored` against an earlier CSV's labels for the same rows.

    The exact test of McNemar (Psychometrika 1947) is the binomial test of wins among the
    discordant pairs.
    """
    from scipy.stats import binomtest

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
        mcnemar_p=float(binomtest(wins, wins + losses).pvalue) if wins + losses else 1.0,
        n_changed=int(differ.sum()),
        changed=tuple(_change(scored, before, int(row)) for row in listed),
    )


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
