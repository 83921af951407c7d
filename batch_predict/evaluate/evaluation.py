"""The types of an evaluation: the columns it is computed from, and its figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.evaluate.reliability import Bin, Interval
from batch_predict.evaluate.selective import OperatingPoint, RiskPoint, TargetPoint
from batch_predict.records import DECIMALS, Status
from batch_predict.rows import NONE

Mask = NDArray[np.bool_]  # (n,) some of the rows
#: the statuses of rows that a person looks at, or did
LOOKED_AT: Final = (Status.REVIEW, Status.DECIDED)


@dataclass(frozen=True)
class Grouping:
    """Rows in groups: each row's is the one of `names` at its code."""

    names: Sequence[str]
    codes: NDArray[np.int32]  # (n,)


@dataclass(frozen=True)
class Scored:
    """A CSV's rows as compact columns, each (n,): 8 bytes a row, 48 with probabilities.

    A breakdown takes 4 more. Label, confidence and probabilities are what the model said, also of
    the rows that a person decided.
    """

    label: NDArray[np.int8]  # 0 to 9, or NONE
    confidence: NDArray[np.float32]  # of the label, or NaN
    status: NDArray[np.int8]  # index into `rows.STATUSES`
    truth: NDArray[np.int8]  # 0 to 9, or NONE
    written: NDArray[np.int8]  # the label that the CSV gives: a person's where there is one
    probabilities: NDArray[np.float32] | None = None  # (n, 10), rows without a label all NaN
    # breakdowns: by first-level folder, where there are several; by columns of the user's, by name
    by_folder: Grouping | None = field(default=None, kw_only=True)
    by_column: Mapping[str, Grouping] = field(default_factory=dict, kw_only=True)


def digit_at(column: NDArray[np.int8], row: int) -> int | None:
    """The digit of `row`, or None."""
    return None if column[row] == NONE else int(column[row])


def probability_at(column: NDArray[np.float32], row: int) -> float | None:
    """The probability of `row` as a CSV writes it, or None."""
    return None if np.isnan(column[row]) else round(float(column[row]), DECIMALS)


@dataclass(frozen=True)
class DigitMetrics:
    """The figures for one digit, over the rows with a label; None where undefined."""

    digit: int
    precision: float | None
    recall: float | None
    recall_interval: Interval | None
    f1: float | None
    support: int


@dataclass(frozen=True)
class Confusion:
    """How often `truth` was read as `label`."""

    truth: int
    label: int
    count: int


@dataclass(frozen=True)
class Case:
    """One row for a person to look at."""

    row: int  # number in the CSV, from 0
    truth: int
    label: int | None
    confidence: float | None
    truth_probability: float | None  # given to the stated truth; only with p0..p9
    status: Status


@dataclass(frozen=True)
class Group:
    """The accuracy within one folder, or one value of an extra column."""

    name: str
    n: int
    correct: int
    accuracy: float
    accuracy_interval: Interval | None
    below_the_rest: bool  # its whole interval lies below the interval of all others together


@dataclass(frozen=True)
class StatusCount:
    """The rows of one status."""

    status: Status
    rows: int
    n: int  # with truth
    correct: int  # of n, by the model's label


@dataclass(frozen=True)
class Counts:
    """Accuracy and numbers of rows. `accuracy` counts a row without a label as wrong."""

    rows: int
    by_status: tuple[StatusCount, ...]  # one for each status
    n: int  # with truth
    n_ok: int
    n_review: int
    n_decided: int
    n_blank: int
    n_failed: int
    n_scored: int  # with truth and a label
    n_correct: int
    accuracy: float | None  # of n
    accuracy_interval: Interval | None
    accuracy_scored: float | None  # of n_scored
    accuracy_scored_interval: Interval | None
    silently_wrong: float | None  # of n: `ok`, so that nobody looks, and not the truth
    silently_wrong_interval: Interval | None
    errors_among_ok: float | None  # of n_ok: not the truth, though nobody would have looked
    errors_among_ok_interval: Interval | None
    n_wrong: int  # of n_scored: labels that are not the truth
    n_caught: int  # of n_wrong: those that a person is shown, or was
    # of n, with what was decided as the label; None: nothing with truth was decided
    accuracy_after_decisions: float | None
    accuracy_after_decisions_interval: Interval | None


@dataclass(frozen=True)
class Calibration:
    """How far confidence and accuracy agree, over the rows with truth and a label.

    `augrc`, `risk_at_coverage` and `risk_curve` are over the rows with truth that did not fail: a
    blank one is an error of confidence 0.
    """

    ece: float | None  # bins of equal mass
    ece_equal_width: float | None
    brier: float | None  # over the ten classes, 0 to 2; only with p0..p9
    log_loss: float | None  # nats; only with p0..p9
    reliability: tuple[Bin, ...]  # bins of equal width
    coverage: tuple[TargetPoint, ...]
    coverage_curve: tuple[OperatingPoint, ...]
    augrc: float | None  # area under the generalized risk coverage curve, 0 to 0.5
    risk_at_coverage: tuple[RiskPoint, ...]
    risk_curve: tuple[RiskPoint, ...]


@dataclass(frozen=True)
class Cases:
    """Rows for a person to look at, the most urgent first; at most MOST_CASES in each list."""

    suspected_label_errors: tuple[Case, ...]
    worst_mistakes: tuple[Case, ...]  # by confidence
    without_label: tuple[Case, ...]  # blank or failed, though there is truth


@dataclass(frozen=True)
class Evaluation:
    """All figures; None where there is nothing to compute from."""

    counts: Counts
    confusion_matrix: tuple[tuple[int, ...], ...]  # [truth][label]
    without_label_by_digit: tuple[int, ...]
    per_digit: tuple[DigitMetrics, ...]
    top_confusions: tuple[Confusion, ...]
    calibration: Calibration
    cases: Cases
    # of each breakdown, the group with the lowest upper end of the interval first
    by_folder: tuple[Group, ...]  # empty where there is only one folder
    by_column: Mapping[str, tuple[Group, ...]]  # of the labels file, by name
