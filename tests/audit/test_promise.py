from dataclasses import replace

import numpy as np
import pytest
from scipy import optimize, stats

from batch_predict.audit.answers import CANT_TELL
from batch_predict.audit.cells import Sample
from batch_predict.audit.promise import (
    THRESHOLDS,
    AuditedRows,
    Promise,
    Said,
    audited_rows,
    labels_without_error,
    promise,
)
from tests.audit.support import plain_plan


def _promise(labels: int, max_error: float, wrong_below: float = 0, wrong: int = 0) -> Promise:
    """Of `labels` with confidence evenly from 0.5 to 1; wrong below a confidence, or the surest."""
    confidence = np.linspace(0.5, 1, labels)
    is_wrong = (confidence < wrong_below) | (np.arange(labels) >= labels - wrong)
    sample = Sample(np.zeros(labels, np.intp), np.array([1e9]))
    audited = AuditedRows(sample, confidence, np.full(labels, True), is_wrong)
    return promise(np.linspace(0.5, 1, 1_001), np.full(1_001, True), audited, max_error)


@pytest.mark.parametrize(
    ("max_error", "labels"), [(0.001, 2_995), (0.01, 299), (0.05, 59)], ids=str
)
def test_labels_without_an_error(max_error: float, labels: int) -> None:
    assert labels_without_error(max_error) == labels


def test_thresholds_fall() -> None:
    assert list(THRESHOLDS) == sorted(set(THRESHOLDS), reverse=True)


@pytest.mark.parametrize(
    ("labels", "wrong_below", "kept"),
    [
        pytest.param(3_100, 0, 0.5, id="no error: the lowest"),
        pytest.param(20_000, 0.75, 0.8, id="errors below: stops above them"),
    ],
)
def test_the_lowest_threshold_that_holds_is_kept(
    labels: int, wrong_below: float, kept: float
) -> None:
    found = _promise(labels, 0.001, wrong_below)
    assert found.kept
    assert found.kept.threshold == kept
    assert found.kept.upper <= 0.001
    assert found.kept.review_share == pytest.approx((kept - 0.5) / 0.5, abs=0.002)
    assert found.labels_needed is None


def test_too_few_labels_promise_nothing_and_say_how_many_it_takes() -> None:
    found = _promise(400, 0.001)
    assert (found.kept, found.tested) == (None, ())
    assert found.labels_needed == pytest.approx(2_995, abs=5)


def test_labels_of_which_half_are_among_ok_rows_count_half() -> None:
    """Then twice as many are to be drawn."""
    half = np.arange(400) % 2 == 0
    sample = Sample(np.zeros(400, np.intp), np.array([1e9]))
    audited = AuditedRows(sample, np.full(400, 1.0), half, np.full(400, False))
    found = promise(np.full(10, 1.0), np.full(10, True), audited, 0.001)
    assert found.labels_needed == pytest.approx(2 * 2_995, abs=10)


def test_too_few_labels_for_their_errors_say_how_many_it_takes() -> None:
    """As large a part wrong as was found, by Clopper and Pearson's interval."""
    found = _promise(6_200, 0.001, wrong=2)
    (tested,) = found.tested
    n = int((np.linspace(0.5, 1, 6_200) >= tested.threshold).sum())

    def upper(times: float) -> float:
        return float(stats.beta.ppf(0.95, 2 * times + 1, (n - 2) * times))

    times = optimize.brentq(lambda times: upper(times) - 0.001, 1, 10)
    assert found.labels_needed == pytest.approx(6_200 * times, abs=2)


def test_of_few_pictures_it_takes_no_more_than_all() -> None:
    nobody = np.empty(0)
    no_answers = Sample(np.empty(0, np.intp), np.array([400.0]))
    audited = AuditedRows(no_answers, nobody, nobody.astype(bool), nobody.astype(bool))
    assert promise(np.ones(400), np.full(400, True), audited, 0.001).labels_needed == 400


def test_too_many_errors_promise_nothing() -> None:
    found = _promise(4_000, 0.001, wrong=40)
    assert found.kept is None
    assert found.labels_needed is None
    assert len(found.tested) == 1


def test_it_ends_at_the_first_threshold_that_fails() -> None:
    found = _promise(20_000, 0.001, wrong_below=0.75)
    failed = [each.upper > 0.001 for each in found.tested]
    assert failed == [False] * (len(failed) - 1) + [True]


def test_no_answer_promises_nothing() -> None:
    assert _promise(0, 0.001).labels_needed == 2_995


def test_audited_pictures_are_as_the_run_sees_them_now() -> None:
    plan = plain_plan([("ok", 100, 3), ("review", 50, 3)])
    answers = {0: 7, 1: 1, 2: CANT_TELL, 4: 7}
    contents = [f"{n:064}" for n in range(len(plan.pictures))]
    pictures = zip(plan.pictures, contents, strict=True)
    plan = replace(plan, pictures=tuple(each._replace(content=own) for each, own in pictures))
    seen = {content: Said(7, 0.9, True) for content in contents[:4]}
    found = audited_rows(plan, answers, seen | {contents[4]: Said(None, None, False)})
    assert found.wrong.tolist() == [False, True, True, True, True]
    assert found.may_be_ok.tolist() == [True] * 4 + [False]
    assert np.isnan(found.confidence).tolist() == [False] * 4 + [True]
    assert found.sample.drawn.tolist() == [3, 2]


@pytest.mark.slow
@pytest.mark.no_cover  # the quick ones run the same lines
def test_a_promise_is_broken_at_most_once_in_20() -> None:
    """Where the error is just above what is promised at every threshold."""
    random, kept, labels = np.random.default_rng(1), 0, 1_000
    sample = Sample(np.zeros(labels, np.intp), np.array([1e9]))
    all_ok = np.full(labels, True)
    for _ in range(100):
        confidence = random.uniform(0.5, 1, labels)
        audited = AuditedRows(sample, confidence, all_ok, random.random(labels) < 0.0101)
        kept += promise(confidence, all_ok, audited, 0.01).kept is not None
    assert kept <= 5 + 2 * 2.2
