"""What was decided is put on rows by content alone, whatever the order, and it is all counted."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_predict.decisions.apply import DecisionCounter, Decisions, apply, find_decisions
from batch_predict.decisions.decision import Decided, Decision
from batch_predict.decisions.decisions_file import DecisionsFile, header_line, row_line
from batch_predict.errors import UsageError
from batch_predict.records import Code, ImageRef, Reason, Row, Status
from batch_predict.rows import Rows
from batch_predict.shard import Shard
from batch_predict.tables.times import time_text


def content(name: str) -> bytes:
    return sha256(name.encode()).digest()


def decided(path: str, of: str, what: str, hour: int = 0) -> Decided:
    time = f"2026-11-27T{hour:02}:00:00Z"
    return Decided(path, content(of).hex(), Decision(what), time)


def decisions(*rows: Decided) -> Decisions:
    return Decisions.of([DecisionsFile("x", "", rows)])


def row(path: str, of: str | None, status: Status = Status.REVIEW) -> Row:
    ref = ImageRef(path, content_sha256=None if of is None else content(of))
    said = (3, 0.5) if status in (Status.OK, Status.REVIEW) else (None, None)
    return Row(ref, *said, status, (Reason(Code.LOW_CONFIDENCE, "x"),))


def applied(by: Decisions, *rows: Row) -> list[Row]:
    return list(apply(by, Rows.of(rows)))


@pytest.mark.parametrize(
    ("what", "label", "reasons"),
    [
        ("7", 7, []),
        ("none", None, [Code.DECIDED_NO_DIGIT]),
        ("blank", None, [Code.DECIDED_BLANK]),
        ("ignore", None, [Code.DECIDED_IGNORED]),
    ],
)
@pytest.mark.parametrize("status", [Status.OK, Status.REVIEW, Status.BLANK, Status.FAILED])
def test_a_decision_is_the_row_and_the_model_stands_beside_it(
    what: str, label: int | None, reasons: list[Code], status: Status
) -> None:
    before = row("a.png", "a", status)
    (after,) = applied(decisions(decided("a.png", "a", what)), before)
    assert (after.status, after.label, after.confidence) == (Status.DECIDED, label, None)
    assert [reason.code for reason in after.reasons] == reasons
    assert (after.model_label, after.model_confidence) == (before.label, before.confidence)
    assert after.ref == before.ref


@pytest.mark.parametrize(
    "other", [pytest.param("b", id="other bytes"), pytest.param(None, id="never read")]
)
def test_a_decision_is_for_no_other_bytes(other: str | None) -> None:
    before = row("a.png", other)
    (after,) = applied(decisions(decided("a.png", "a", "7")), before)
    assert after == before._replace(model_label=3, model_confidence=0.5)


def test_a_moved_or_copied_picture_is_known() -> None:
    found = applied(decisions(decided("a.png", "a", "7")), row("b.png", "a"), row("c.png", "a"))
    assert [each.label for each in found] == [7, 7]


@pytest.mark.parametrize(
    ("rows", "label", "disputed"),
    [
        pytest.param([("1", 1), ("2", 2)], 2, 1, id="the later"),
        pytest.param([("2", 2), ("1", 1)], 2, 1, id="the later, listed first"),
        pytest.param([("2", 1), ("1", 2)], 1, 1, id="the later, of a lower digit"),
        pytest.param([("1", 1), ("2", 1)], 2, 1, id="of one time the later line"),
        pytest.param([("2", 1), ("2", 2)], 2, 0, id="they agree"),
        pytest.param([("1", 1), ("2", 2), ("2", 3)], 2, 1, id="disputed once"),
    ],
)
def test_of_two_decisions_the_later_counts(
    rows: list[tuple[str, int]], label: int, disputed: int
) -> None:
    by = decisions(*(decided("a.png", "a", what, hour) for what, hour in rows))
    counter = DecisionCounter(by)
    (found,) = counter.pass_through([apply(by, Rows.of([row("a.png", "a")]))])
    assert found.answers["label"].tolist() == [label]
    assert counter.counts().disputed == disputed


def test_the_later_counts_wherever_the_picture_lay() -> None:
    by = decisions(decided("b.png", "a", "1", 1), decided("a.png", "a", "2", 2))
    assert [each.label for each in applied(by, row("b.png", "a"))] == [2]


def test_every_picture_with_a_dispute_is_counted() -> None:
    names = ["a", "b", "c"]
    counter = DecisionCounter(
        decisions(*(decided(f"{n}.png", n, what) for n in names for what in ("1", "2")))
    )
    rows = [row(f"{name}.png", name) for name in [*names, "never decided"]]
    list(counter.pass_through([Rows.of(rows)]))
    assert counter.counts().disputed == 3


@pytest.mark.parametrize(
    ("rows", "unfit"),
    [
        pytest.param([row("a.png", "a")], 0, id="it fits"),
        pytest.param([row("a.png", "changed")], 1, id="other bytes"),
        pytest.param([row("b.png", "a")], 0, id="moved"),
        pytest.param([], 1, id="gone"),
    ],
)
def test_a_decision_that_fits_no_picture_is_counted(rows: list[Row], unfit: int) -> None:
    counter = DecisionCounter(decisions(decided("a.png", "a", "7")))
    list(counter.pass_through([Rows.of(rows)]))
    assert counter.counts().unfit == unfit


def test_what_was_decided_anew_on_a_changed_picture_is_done_with() -> None:
    by = decisions(decided("a.png", "a", "7", 1), decided("a.png", "changed", "3", 2))
    counter = DecisionCounter(by)
    list(counter.pass_through([Rows.of([row("a.png", "changed")])]))
    assert counter.counts().unfit == 0


def test_a_shard_counts_its_own_paths() -> None:
    paths = [f"{n}.png" for n in range(20)]
    by = decisions(*(decided(path, path, "7") for path in paths))
    unfit = [DecisionCounter(by).counts(Shard(index, 3)).unfit for index in range(3)]
    assert sum(unfit) == 20
    assert 0 not in unfit


NAMES = st.sampled_from("abcdef")
DECIDED = st.lists(
    st.builds(decided, NAMES, NAMES, st.sampled_from(list(map(str, Decision))), st.integers(0, 23)),
    unique_by=lambda each: (each.content, each.decided_at),
)
ROWS = st.lists(st.builds(row, NAMES, st.none() | NAMES, st.sampled_from([*Status][:2])))


@given(DECIDED, st.randoms(), ROWS)
def test_neither_order_nor_a_second_time_changes_anything(
    made: list[Decided], random: Random, rows: list[Row]
) -> None:
    once = apply(decisions(*made), Rows.of(rows))
    shuffled = sorted(made, key=lambda each: random.random())
    assert applied(decisions(*shuffled), *rows) == list(once)
    assert list(apply(decisions(*made), once)) == list(once)


@given(DECIDED, ROWS)
def test_all_is_counted(made: list[Decided], rows: list[Row]) -> None:
    by = decisions(*made)
    counter = DecisionCounter(by)
    (found,) = counter.pass_through([apply(by, Rows.of(rows))])
    counts = counter.counts()
    assert sum(counts.by_decision.values()) == sum(r.status is Status.DECIDED for r in found)
    fitting = {each.content for each in made} & {
        r.ref.content_sha256.hex() for r in rows if r.ref.content_sha256
    }
    assert counts.unfit <= len({each.content for each in made}) - len(fitting)


def test_all_files_count_the_one_beside_the_output_first(tmp_path: Path) -> None:
    beside, other = str(tmp_path / "out.decisions.csv"), str(tmp_path / "theirs.csv")
    for file, what in ((beside, "1"), (other, "2")):
        Path(file).write_text(header_line() + row_line(decided("a.png", "a", what)))
    found = find_decisions(beside, [other])
    assert found is not None
    assert [file.address for file in found.files] == [beside, other]
    assert [each.decided.decision for each in found.latest.values()] == [Decision.DIGIT_2]


@pytest.mark.parametrize(
    ("ahead", "is_said"),
    [
        pytest.param(timedelta(hours=14), False, id="another zone"),
        pytest.param(timedelta(days=2), True, id="another year, or a wrong clock"),
    ],
)
def test_a_time_that_is_still_to_come_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, ahead: timedelta, is_said: bool
) -> None:
    file = tmp_path / "out.decisions.csv"
    one = decided("a.png", "a", "1")._replace(decided_at=time_text(datetime.now(UTC) + ahead))
    file.write_text(header_line() + row_line(one) * 3)
    find_decisions(str(file), [])
    assert ("still to come" in caplog.text) is is_said
    assert ("so have 2 more" in caplog.text) is is_said


def test_without_a_file_there_are_none(tmp_path: Path) -> None:
    assert find_decisions(str(tmp_path / "out.decisions.csv"), []) is None


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no\.csv can't be read: there is no such file"):
        find_decisions(str(tmp_path / "out.decisions.csv"), [str(tmp_path / "no.csv")])
