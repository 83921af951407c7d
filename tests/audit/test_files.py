import json
from pathlib import Path

import numpy as np
import pytest

from batch_predict.audit.answers import CANT_TELL, NO_DIGIT
from batch_predict.audit.answers_file import HEADER, Given, read_answers, settle
from batch_predict.audit.frame import TOP, first_folder, load_frame
from batch_predict.audit.groups_file import NO_GROUP, read_groups
from batch_predict.audit.plan import AuditPicture, Known, known_of, plan_text, read_plan
from batch_predict.errors import UsageError
from tests.audit.support import drawn_plan, plain_plan

TIME = "2026-01-31T12:00:00Z"
CONTENT = "0" * 64


def _file(folder: Path, *lines: str, header: str = ",".join(HEADER)) -> str:
    file = folder / "out.audit.csv"
    file.write_text("\n".join((header, *lines, "")), encoding="utf-8")
    return str(file)


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    plan = drawn_plan(groups=3)
    file = tmp_path / "out.audit.json"
    file.write_text(plan_text(plan))
    assert read_plan(str(file)) == plan


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            lambda form: form.update(schema="batch_predict.audit/2"), "schema", id="newer"
        ),
        pytest.param(lambda form: form.pop("seed"), "draw it again", id="a field is missing"),
        pytest.param(lambda form: form["pictures"].pop(), "draw it again", id="a picture is"),
        pytest.param(lambda form: form["asked"].clear(), "draw it again", id="what was asked is"),
        pytest.param(lambda form: form.update(rows=0), "draw it again", id="of no rows"),
        pytest.param(lambda form: form.update(rows=1e999), "draw it again", id="of endless rows"),
        pytest.param(
            lambda form: form["strata"][0].update(expected_error=float("nan")),
            "draw it again",
            id="an error that is no number",
        ),
        pytest.param(
            lambda form: form["known"].update(failed="many"),
            "draw it again",
            id="a word for a number",
        ),
    ],
)
def test_a_broken_plan_is_refused(tmp_path: Path, change: object, message: str) -> None:
    form = json.loads(plan_text(drawn_plan()))
    change(form)  # type: ignore[operator]
    file = tmp_path / "out.audit.json"
    file.write_text(json.dumps(form))
    with pytest.raises(UsageError, match=message):
        read_plan(str(file))


@pytest.mark.parametrize("text", ["", "[]", "{", "null"])
def test_what_is_no_plan_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "out.audit.json"
    file.write_text(text)
    with pytest.raises(UsageError, match=r"out\.audit\.json"):
        read_plan(str(file))


def test_answers_are_read(tmp_path: Path) -> None:
    file = _file(
        tmp_path,
        f"0-1.png,{CONTENT},7,{TIME},Ada,",
        f'0-0.png,{CONTENT},none,{TIME},Ada,"a cross, no digit"',
        f"0-2.png,{CONTENT},cant_tell,{TIME},,",
    )
    assert read_answers(file, plain_plan([("ok", 9, 3)])) == (
        Given(1, 7, TIME, "Ada"),
        Given(0, NO_DIGIT, TIME, "Ada"),
        Given(2, CANT_TELL, TIME, ""),
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param(f"0-0.png,{CONTENT},7,{TIME},", "line 3: 5 cells, not 6", id="cells"),
        pytest.param(f"9.png,{CONTENT},7,{TIME},,", "line 3: '9.png' is not among", id="path"),
        pytest.param(f"0-0.png,{1:064x},7,{TIME},,", "line 3: '0-0.png' has other", id="content"),
        pytest.param(f"0-0.png,{CONTENT},x,{TIME},,", "line 3: .* received 'x'", id="answer"),
        pytest.param(f"0-0.png,{CONTENT},7,today,,", "line 3: answered_at", id="time"),
        pytest.param(
            f"0-0.png,{CONTENT},7,0001-01-01T00:00:00+14:00,,",
            "line 3: answered_at must be a time in UTC such as",
            id="a time of another zone",
        ),
        pytest.param(f"0-1.png,{CONTENT},7,{TIME},,", "line 3: '0-1.png' has more", id="twice"),
        pytest.param('"0-0.png', "line 3", id="quote that never ends"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    file = _file(tmp_path, f"0-1.png,{CONTENT},7,{TIME},Ada,", line)
    with pytest.raises(UsageError, match=message):
        read_answers(file, plain_plan([("ok", 9, 3)]))


def test_other_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="line 1: its columns are not path,content,answer"):
        read_answers(_file(tmp_path, header="path,label"), plain_plan([("ok", 9, 3)]))


@pytest.mark.parametrize(
    ("answers", "first", "same"),
    [
        pytest.param([7], 7, 0, id="once"),
        pytest.param([7, 7], 7, 1, id="the same twice"),
        pytest.param([7, 1], CANT_TELL, 0, id="two different"),
    ],
)
def test_two_answers_of_one_picture(answers: list[int], first: int, same: int) -> None:
    settled = settle(Given(0, answer, TIME, "") for answer in answers)
    assert settled.answers == {0: first}
    assert (settled.asked_twice, settled.same_twice) == (len(answers) - 1, same)


def test_groups_are_read(tmp_path: Path) -> None:
    group = read_groups(_file(tmp_path, "a/1.png,Ada", "b/2.png,Ben", header="path,group"))
    assert (group("a/1.png"), group("b/2.png"), group("c.png")) == ("Ada", "Ben", NO_GROUP)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param("a.png", "line 3: 1 cells", id="cells"),
        pytest.param("a/1.png,Ben", "line 3: 'a/1.png' is in two groups", id="two groups"),
    ],
)
def test_a_wrong_line_of_groups_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_groups(_file(tmp_path, "a/1.png,Ada", line, header="path,group"))


def test_the_rows_of_a_run_are_columns(tmp_path: Path) -> None:
    table = tmp_path / "out.csv"
    table.write_text(
        "path,label,confidence,status,reason\n"
        "a/1.png,7,0.990000,ok,\nb/2.png,1,0.500000,review,low_confidence: x\n3.png,,,blank,\n"
    )
    frame = load_frame(str(table))
    assert frame.label.tolist() == [7, 1, -1]
    assert frame.confidence[:2].tolist() == [np.float32(0.99), np.float32(0.5)]
    assert [frame.groups[at] for at in frame.group] == ["a", "b", TOP]
    assert frame.is_("review").tolist() == [False, True, False]


def test_what_a_person_decided_is_known(tmp_path: Path) -> None:
    table = tmp_path / "out.csv"
    table.write_text(
        "path,label,confidence,status,reason,model_label,model_confidence\n"
        "1.png,7,,decided,,7,0.500000\n2.png,7,,decided,,1,0.400000\n"
        "3.png,,,decided,decided_no_digit: x,4,0.300000\n"
        "4.png,,,decided,decided_ignored: x,,\n5.png,3,0.990000,ok,,3,0.990000\n"
        "6.png,,,decided,decided_blank: x,,\n"
    )
    frame = load_frame(str(table))
    assert frame.decision.tolist() == [7, 7, NO_DIGIT, -1, -1, NO_DIGIT]
    assert known_of(frame) == Known(failed=2, decided_right=1, decided_wrong=2, decided_no_digit=1)


def test_what_a_person_decided_is_not_what_the_model_said(tmp_path: Path) -> None:
    """Where somebody took the model's own columns out of the table."""
    table = tmp_path / "out.csv"
    table.write_text("path,label,confidence,status,reason\n1.png,7,,decided,\n2.png,3,0.99,ok,\n")
    frame = load_frame(str(table))
    assert (frame.label.tolist(), frame.decision.tolist()) == ([-1, 3], [7, -1])
    assert known_of(frame) == Known(failed=0, decided_right=0, decided_wrong=1, decided_no_digit=0)


@pytest.mark.parametrize(
    ("path", "group"), [("a/b/c.png", "a"), ("./-a/c.png", "-a"), ("c.png", TOP)]
)
def test_a_picture_is_of_the_group_of_its_first_folder(path: str, group: str) -> None:
    assert first_folder(path) == group


def test_pictures_of_a_plan_know_what_the_run_said() -> None:
    picture = plain_plan([("blank", 3, 1)]).pictures[0]
    assert picture == AuditPicture("0-0.png", CONTENT, 0, "blank", None, None, "a")
