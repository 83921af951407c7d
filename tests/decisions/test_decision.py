"""Each decision makes a digit or a reason of a row, never both."""

import pytest

from batch_predict.decisions.decision import Decision
from batch_predict.records import Code, Reason


@pytest.mark.parametrize("decision", list(Decision), ids=str)
def test_a_decision_is_a_digit_or_has_a_reason(decision: Decision) -> None:
    assert (decision.digit is None) == bool(decision.reasons)


@pytest.mark.parametrize("digit", range(10))
def test_a_digit_is_decided_by_its_name(digit: int) -> None:
    assert Decision(str(digit)).digit == digit


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("none", Code.DECIDED_NO_DIGIT),
        ("blank", Code.DECIDED_BLANK),
        ("ignore", Code.DECIDED_IGNORED),
    ],
)
def test_what_is_no_digit_says_what_it_is(name: str, code: Code) -> None:
    assert [reason.code for reason in Decision(name).reasons] == [code]


@pytest.mark.parametrize("decision", list(Decision), ids=str)
def test_a_row_says_what_was_decided(decision: Decision) -> None:
    assert Decision.of_row(decision.digit, decision.reasons) is decision


def test_a_row_that_nobody_decided_does_not() -> None:
    assert Decision.of_row(None, [Reason(Code.CORRUPT, "")]) is None
