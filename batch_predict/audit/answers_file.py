"""A person's answers in an audit: the file `out.audit.csv`, which the audit's page saves."""

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

from batch_predict.audit.answers import ANSWERS, CANT_TELL
from batch_predict.audit.csv_rows import take_rows
from batch_predict.audit.plan import Plan
from batch_predict.tables.times import FORM_OF_TIME, is_time_text

HEADER: Final = ("path", "content", "answer", "answered_at", "by", "note")
_NUMBERS: Final = {answer: number for number, answer in enumerate(ANSWERS)}


class Given(NamedTuple):
    """One answer, of one asking."""

    picture: int  # index into the plan's pictures
    answer: int  # 0 to 9, NO_DIGIT or CANT_TELL
    answered_at: str  # UTC, see `tables.times`
    by: str


class Settled(NamedTuple):
    """What the answers of one person come to."""

    answers: dict[int, int]  # picture -> answer; CANT_TELL where two askings differ
    asked_twice: int  # pictures with two answers
    same_twice: int  # of these


def read_answers(file: str, plan: Plan) -> tuple[Given, ...]:
    """The answers in `file` to what `plan` asked, in the order of its lines.

    Raises:
        UsageError: it can't be read, or a line is no answer to `plan`; the message has the line.
    """
    pictures = {each.path: at for at, each in enumerate(plan.pictures)}
    may_come = Counter(plan.asked)
    given: list[Given] = []

    def take(cells: list[str]) -> None:
        one = _given(cells, pictures, plan)
        may_come[one.picture] -= 1
        if may_come[one.picture] < 0:
            raise ValueError(f"{cells[0]!r} has more answers than it was asked for")
        given.append(one)

    take_rows(file, HEADER, take)
    return tuple(given)


def settle(given: Iterable[Given]) -> Settled:
    """One answer a picture; whoever said two things of one picture can't tell."""
    by_picture: dict[int, list[int]] = {}
    for one in given:
        by_picture.setdefault(one.picture, []).append(one.answer)
    twice = [answers for answers in by_picture.values() if len(answers) > 1]
    answers = {
        picture: said[0] if len(set(said)) == 1 else CANT_TELL
        for picture, said in by_picture.items()
    }
    same = sum(len(set(said)) == 1 for said in twice)
    return Settled(answers, len(twice), same)


def _given(cells: list[str], pictures: dict[str, int], plan: Plan) -> Given:
    path, content, answer, answered_at, by, _ = cells  # nothing is made of a note
    if path not in pictures:
        raise ValueError(f"{path!r} is not among the pictures of this audit")
    if plan.pictures[pictures[path]].content != content:
        raise ValueError(f"{path!r} has other content than the picture that was drawn")
    if answer not in _NUMBERS:
        raise ValueError(f"the answer is 0 to 9, none or cant_tell, received {answer!r}")
    if not is_time_text(answered_at):
        raise ValueError(f"answered_at must be {FORM_OF_TIME}, received {answered_at!r}")
    return Given(pictures[path], _NUMBERS[answer], answered_at, by)
