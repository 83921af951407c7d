"""The lowest review threshold for which an audit promises few errors among `ok` rows. Pure."""

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.audit.cells import Cells, Sample, cells_of_domain
from batch_predict.audit.plan import Plan
from batch_predict.evaluate.evaluation import Mask

#: Fixed here, before anybody looks at an answer, from the strictest; none is added for a run.
THRESHOLDS: Final = (
    *(0.9999, 0.9998, 0.9995, 0.999, 0.998, 0.995),
    *(0.99, 0.98, 0.97, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5),
)
LEVEL: Final = 0.95  # one-sided: a promise is broken on one side alone
_MOST_LABELS: Final = 1 << 40


class AuditedRows(NamedTuple):
    """What a run says now of the pictures that were audited, and what they show."""

    sample: Sample  # how they were drawn
    confidence: NDArray[np.float64]  # (k,) in this run; NaN where it has no label
    may_be_ok: Mask  # (k,) nothing but a low confidence would send it to review
    wrong: Mask  # (k,) this run's label is not the answer, or the answer can't be told


class Said(NamedTuple):
    """What a run says of a picture."""

    label: int | None
    confidence: float | None
    may_be_ok: bool  # nothing but a low confidence would send it to review


def audited_rows(plan: Plan, answers: Mapping[int, int], said: Mapping[str, Said]) -> AuditedRows:
    """The pictures of `plan` that count by `answers`, as a run sees them now.

    `said` is by content, 64 hexadecimal digits. Pictures that the run does not have any more, and
    those that it has no label for, are no rows that could be `ok`.
    """
    pictures = plan.answered(answers)
    now = [said.get(picture.content, Said(None, None, False)) for picture in pictures]
    return AuditedRows(
        Sample.of(pictures, plan.strata),
        np.array([each.confidence for each in now], np.float64),
        np.array([each.may_be_ok for each in now], bool),
        np.array([answers.get(at) != each.label for at, each in enumerate(now)], bool),
    )


class Tested(NamedTuple):
    """One threshold, and what was found at it."""

    threshold: float
    errors: float | None  # share among the rows that would be `ok`, weighted
    upper: float  # end of its one-sided 95% interval
    review_share: float  # of all rows


class Promise(NamedTuple):
    """What can be promised; where nothing can be, `kept` is None."""

    kept: Tested | None  # the lowest threshold that holds
    tested: tuple[Tested, ...]  # in order; the last may have failed
    labels_needed: int | None  # in all; None: it holds, or no number of labels would do


def promise(
    confidence: NDArray[np.float64], may_be_ok: Mask, audited: AuditedRows, max_error: float
) -> Promise:
    """The lowest of THRESHOLDS whose errors among `ok` rows are at most `max_error`.

    `confidence` (n,), NaN where a row has no label, and `may_be_ok` (n,) are those of all rows of
    the run. It begins at the strictest threshold for which the labels suffice if none is wrong, a
    choice that no answer has a part in, and goes on to the next as long as the upper end is at
    most `max_error`. In such a fixed sequence each test may have the whole 5% (Maurer, Hothorn and
    Lehmacher 1995): all that passed hold together with 95%.
    """
    enough = [at for at in THRESHOLDS if _can_hold(audited, at, max_error)]
    if not enough:
        return Promise(None, (), _needed_without_error(audited, max_error))
    tested: list[Tested] = []
    for threshold in THRESHOLDS[THRESHOLDS.index(enough[0]) :]:
        tested.append(_test(confidence, may_be_ok, audited, threshold))
        if tested[-1].upper > max_error:
            break
    held = [each for each in tested if each.upper <= max_error]
    needed = None if held else _needed(audited, tested[0].threshold, max_error)
    return Promise(held[-1] if held else None, tuple(tested), needed)


def _can_hold(audited: AuditedRows, threshold: float, max_error: float) -> bool:
    return _cells(audited, threshold, no_error=True).upper_end(LEVEL) <= max_error


def labels_without_error(max_error: float) -> int:
    """How many plain labels, none of them wrong, promise `max_error`: 2,995 for 0.1%."""
    return math.ceil(math.log(1 - LEVEL) / math.log1p(-max_error))


def _test(
    confidence: NDArray[np.float64], may_be_ok: Mask, audited: AuditedRows, threshold: float
) -> Tested:
    cells = _cells(audited, threshold)
    has_label = ~np.isnan(confidence)
    review = has_label & ~(may_be_ok & (confidence >= threshold))
    return Tested(
        threshold,
        cells.estimate,
        cells.upper_end(LEVEL),
        float(review.sum()) / max(len(confidence), 1),
    )


def _cells(audited: AuditedRows, threshold: float, *, no_error: bool = False) -> Cells:
    """The audited pictures that would be `ok`; what can't be told is wrong."""
    is_ok = audited.may_be_ok & (audited.confidence >= threshold)
    wrong = audited.wrong & (not no_error)
    return cells_of_domain(audited.sample, is_ok, wrong, wrong)


def _needed_without_error(audited: AuditedRows, max_error: float) -> int:
    """Labels in all, drawn as these were, that promise at the lowest threshold if none is wrong.

    Of few pictures all of them do.
    """
    factor = _scaled(_cells(audited, THRESHOLDS[-1], no_error=True), max_error)
    fewest = labels_without_error(max_error)
    needed = fewest if factor is None else math.ceil(len(audited.confidence) * factor)
    return min(needed, round(float(audited.sample.sizes.sum())))


def _needed(audited: AuditedRows, threshold: float, max_error: float) -> int | None:
    """The same at `threshold`, where as large a part of them is wrong as was found."""
    factor = _scaled(_cells(audited, threshold), max_error)
    return None if factor is None else math.ceil(len(audited.confidence) * factor)


def _scaled(cells: Cells, max_error: float) -> float | None:
    """How many times as many labels would do; None where no number would."""

    def upper(factor: float) -> float:
        drawn = cells.drawn * factor
        sizes = np.where(cells.drawn > 0, np.maximum(cells.sizes, drawn), cells.sizes)
        more = Cells(
            cells.least * factor, cells.most * factor, drawn, sizes, cells.between / factor
        )
        return more.upper_end(LEVEL)

    if not cells.drawn.any() or upper(_MOST_LABELS) > max_error:
        return None
    low, high = 0.0, 1.0
    while upper(high) > max_error:
        low, high = high, high * 2
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if upper(middle) > max_error else (low, middle)
    return high
