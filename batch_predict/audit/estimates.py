"""A plan and its answers -> what they say of the run. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.audit.answers import CANT_TELL, NO_DIGIT
from batch_predict.audit.cells import Cells, Sample, cells_of_domain, cells_of_strata
from batch_predict.audit.clusters import interval_by_groups
from batch_predict.audit.plan import Plan
from batch_predict.audit.sequence import anytime_interval
from batch_predict.evaluate.evaluation import Mask
from batch_predict.evaluate.reliability import Interval
from batch_predict.records import CLASSES, Status


class Estimate(NamedTuple):
    """A share, and how far it can be relied on."""

    share: float | None  # weighted, of what could be told; None: nothing could
    interval: Interval  # 95%, for the sample as it is
    anytime: Interval | None  # 95%, also if somebody stopped when it looked good; None: of a domain
    by_groups: Interval | None  # 95%, for pictures of other groups; None: there is one group
    pictures: int  # answered, in the domain
    events: int  # of these, that are certain
    unsettled: int  # of these, that can't be told


@dataclass(frozen=True)
class Estimates:
    """What an audit says. A figure is None where the run has no such rows, or none was answered."""

    drawn: int
    answered: int  # from the first asked to the last with an answer
    unsettled: int  # of these: can't tell, two different answers, or left out
    right: Estimate  # of all rows: the model's label is the answer, or "blank" is
    errors_among_ok: Estimate | None
    silently_wrong: Estimate | None  # of all rows: `ok`, so that nobody looks, and wrong
    no_digit: Estimate  # of all rows that could be read: there is no digit
    no_digit_by_status: Mapping[str, Estimate]  # of the pictures without a digit
    right_by_digit: Mapping[int, Estimate]  # of the pictures of that digit
    right_by_group: Mapping[str, Estimate]


class _Answered(NamedTuple):
    """The pictures that count as answered, as columns (k,)."""

    sample: Sample
    status: NDArray[np.str_]
    said: NDArray[np.intp]  # the model: 0 to 9, or NO_DIGIT
    answer: NDArray[np.intp]
    group: NDArray[np.intp]

    @property
    def unsettled(self) -> Mask:
        return np.equal(self.answer, CANT_TELL)


def estimate(plan: Plan, answers: Mapping[int, int]) -> Estimates:
    """What `answers` say of the run that `plan` was drawn from.

    `answers` are by the number of the picture in the plan: 0 to 9, NO_DIGIT or CANT_TELL. Of those
    that count (see `Plan.answered`), what was left out can't be told. What can't be told may be so
    or so: each interval covers both, and each share is of the others.
    """
    rows = _answered(plan, answers)
    wrong = (rows.answer != rows.said) & ~rows.unsettled
    right = (rows.answer == rows.said) & ~rows.unsettled
    none = rows.answer == NO_DIGIT
    status = np.array([each.status for each in plan.strata], np.str_)
    everywhere, is_ok = np.full(len(status), True), status == Status.OK
    known, decided = plan.known, plan.known.decided_right + plan.known.decided_wrong
    error = np.array([each.expected_error for each in plan.strata])
    right_known = ((0, known.failed), (known.decided_right, decided))
    errors = _of_strata(rows, is_ok, wrong, error) if is_ok.any() else None
    ok_share = sum(each.size for each in plan.strata if each.status == Status.OK) / plan.rows
    digits = {
        digit: _of_domain(rows, _shows(rows, digit), right)
        for digit in range(CLASSES)
        if (rows.answer == digit).any()
    }
    names = sorted({picture.group for picture in plan.pictures})
    return Estimates(
        drawn=len(plan.pictures),
        answered=len(rows.answer),
        unsettled=int(rows.unsettled.sum()),
        right=_of_strata(rows, everywhere, right, 1 - error, right_known),
        errors_among_ok=errors,
        silently_wrong=errors and _scaled(errors, ok_share),
        no_digit=_of_strata(
            rows,
            everywhere,
            none,
            np.where(status == Status.BLANK, 1 - error, 0),
            ((known.decided_no_digit, decided),),
        ),
        no_digit_by_status={
            name: _of_domain(rows, _shows(rows, NO_DIGIT), rows.status == name, certain=True)
            for name in (Status.OK, Status.REVIEW, Status.BLANK)
            if none.any()
        },
        right_by_digit=digits,
        right_by_group={
            name: _of_domain(rows, rows.group == at, right)
            for at, name in enumerate(names)
            if len(names) > 1 and (rows.group == at).any()
        },
    )


def _answered(plan: Plan, answers: Mapping[int, int]) -> _Answered:
    pictures = plan.answered(answers)
    names = {name: at for at, name in enumerate(sorted({each.group for each in plan.pictures}))}
    return _Answered(
        Sample.of(pictures, plan.strata),
        np.array([each.status for each in pictures], np.str_),
        np.array([NO_DIGIT if each.label is None else each.label for each in pictures], np.intp),
        np.array([answers.get(at, CANT_TELL) for at in range(len(pictures))], np.intp),
        np.array([names[each.group] for each in pictures], np.intp),
    )


def _shows(rows: _Answered, answer: int) -> Mask:
    """What has this answer; what can't be told is taken for what the model said."""
    taken = np.where(rows.unsettled, rows.said, rows.answer)
    return np.equal(taken, answer)


def _of_strata(
    rows: _Answered,
    strata: Mask,
    event: Mask,
    expected: NDArray[np.float64],
    known: tuple[tuple[int, int], ...] = (),
) -> Estimate:
    """Of whole `strata`, of all of which a share is `expected`; of rows known as (events, rows)."""
    most = event | rows.unsettled
    cells = cells_of_strata(rows.sample, strata, event, most)
    inside = strata[rows.sample.stratum]
    of_cell = np.cumsum(strata) - 1  # a stratum's number among `strata`
    counts = [(events, number) for events, number in known if number]
    events, numbers = (np.array([each[at] for each in counts], np.float64) for at in (0, 1))
    whole = Cells(
        np.append(cells.least, events),
        np.append(cells.most, events),
        np.append(cells.drawn, numbers),
        np.append(cells.sizes, numbers),
    )
    bets = np.append(expected[strata], np.full(len(counts), 0.5))
    low, high = anytime_interval(whole.least, whole.most, whole.drawn, whole.sizes, bets)
    by_groups = interval_by_groups(
        whole, of_cell[rows.sample.stratum[inside]], most[inside], rows.group[inside]
    )
    return _estimate(rows, whole, inside, event, (float(low), float(high)), by_groups)


def _of_domain(rows: _Answered, domain: Mask, event: Mask, *, certain: bool = False) -> Estimate:
    """Of the pictures in `domain`; where `certain`, what can't be told moves no event."""
    most = event if certain else event | rows.unsettled
    cells = cells_of_domain(rows.sample, domain, event, most)
    by_groups = interval_by_groups(
        cells, rows.sample.stratum[domain], (most & domain)[domain], rows.group[domain]
    )
    return _estimate(rows, cells, domain, event, None, by_groups)


def _estimate(
    rows: _Answered,
    cells: Cells,
    domain: Mask,
    event: Mask,
    anytime: Interval | None,
    by_groups: Interval | None,
) -> Estimate:
    return Estimate(
        cells.estimate,
        cells.interval,
        anytime,
        by_groups,
        int(domain.sum()),
        int((domain & event).sum()),
        int((domain & rows.unsettled).sum()),
    )


def _scaled(found: Estimate, factor: float) -> Estimate:
    """The same as a share of more rows, of which none of the others is an event."""

    def scaled(ends: Interval | None) -> Interval | None:
        return ends and (ends[0] * factor, ends[1] * factor)

    return found._replace(
        share=None if found.share is None else found.share * factor,
        interval=(found.interval[0] * factor, found.interval[1] * factor),
        anytime=scaled(found.anytime),
        by_groups=scaled(found.by_groups),
    )
