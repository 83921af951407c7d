"""What a served page asks for: its rows, its pictures, and that a decision is kept."""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from threading import Lock
from typing import Any, Final, NamedTuple, TypeAlias

from batch_predict.decisions.decision import Decided, Decision
from batch_predict.errors import OutputError, UsageError
from batch_predict.records import CLASSES, Status
from batch_predict.review.cards import Card, CardMaker
from batch_predict.review.decision_log import DecisionLog
from batch_predict.review.loopback import Answer, Request
from batch_predict.review.review_rows import ReviewRow, ReviewRows
from batch_predict.tables.times import time_after, time_text

#: whose rows may be looked at by the digit they were read as
READ: Final = (Status.REVIEW, Status.OK)
_DIGITS: Final = tuple(map(str, range(CLASSES)))
PAGE_ROWS: Final = 200  # whose files are read and hashed before the page comes: some 0.1 to 1 s
_NOTE_MAX: Final = 1_000  # characters of a note or a name
_ROW: Final = re.compile(r"/picture/([0-9]{1,12})")


class Shown(NamedTuple):
    """Which rows a page shows."""

    digit: int | None  # all that were read as it, sure or not; None: the queue
    number: int  # of the page, from 1
    of: int  # pages


class Page(NamedTuple):
    """What a browser shows."""

    html: str
    policy: str  # its Content-Security-Policy


#: which rows, and the number and card of each -> the page
MakePage: TypeAlias = Callable[[Shown, list[tuple[int, Card]]], Page]


class RefusedError(Exception):
    """What a page sent can't be taken; the message says why."""

    def __init__(self, status: HTTPStatus, words: str) -> None:
        super().__init__(words)
        self.status = status


class ServedRun:
    """Answers the pages of a run: its rows, its pictures by row, and what is decided on them.

    `queue` are the statuses of the rows that wait for a decision, in their order.

    No request names a path; a picture is had by the number of its row.
    """

    def __init__(
        self,
        rows: ReviewRows,
        cards: CardMaker,
        log: DecisionLog,
        make_page: MakePage,
        queue: Sequence[Status],
    ) -> None:
        self._rows = rows
        self._cards = cards
        self._log = log
        self._make_page = make_page
        self._queue = queue
        self._networks = Lock()  # they are made for one thread
        self._contents: dict[int, str | None] = {}  # by row, the hash of what was shown of it

    def __call__(self, request: Request) -> Answer:
        """The answer; threads ask at the same time."""
        try:
            return self._answer(request)
        except RefusedError as error:
            return Answer.words(error.status, str(error))
        except (OutputError, UsageError) as error:  # of the decisions file
            return Answer.words(HTTPStatus.INSUFFICIENT_STORAGE, f"not kept: {error}")

    def _answer(self, request: Request) -> Answer:
        if request.method == "GET" and (row := _ROW.fullmatch(request.path)):
            return self._picture(int(row[1]))
        routes: Mapping[tuple[str, str], Callable[[Request], Answer]] = {
            ("GET", "/"): self._page,
            ("POST", "/add"): self._add,
            ("POST", "/drop"): self._drop,
        }
        answer = routes.get((request.method, request.path))
        if answer is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, "There is nothing at this address.")
        return answer(request)

    def _page(self, request: Request) -> Answer:
        """A page of the queue, or of all rows that were read as `digit`; the pictures follow."""
        asked, number = request.query.get("digit"), request.query.get("page", "1")
        if not re.fullmatch(r"[1-9][0-9]{0,8}", number) or asked not in (None, *_DIGITS):
            raise RefusedError(HTTPStatus.NOT_FOUND, "There is no such page.")
        digit = None if asked is None else int(asked)
        found = self._rows.numbers(self._queue if digit is None else READ, digit)
        shown = Shown(digit, int(number), max(1, math.ceil(len(found) / PAGE_ROWS)))
        if shown.number > shown.of:
            raise RefusedError(HTTPStatus.NOT_FOUND, "There is no such page.")
        numbers = found[(shown.number - 1) * PAGE_ROWS :][:PAGE_ROWS].tolist()
        self._hash(numbers)
        told = [(n, self._cards.card(self._rows[n], self._contents[n])) for n in numbers]
        page = self._make_page(shown, told)
        return Answer(HTTPStatus.OK, "text/html; charset=utf-8", page.html.encode(), page.policy)

    def _hash(self, numbers: Iterable[int]) -> None:
        """See to the contents of these rows; what was shown of one before stays its content."""
        new = [number for number in numbers if number not in self._contents]
        listed = self._cards.listed(self._rows[number] for number in new)
        self._contents.update(
            (number, card.content) for number, card in zip(new, listed, strict=True)
        )

    def _picture(self, number: int) -> Answer:
        row = self._row(number)
        with self._networks:
            (card,) = self._cards.cards([row])
        self._contents[number] = card.content
        return _json(card_json(number, card))

    def _add(self, request: Request) -> Answer:
        now = datetime.now(UTC)
        self._log.add([self._decided(form, now) for form in _forms(request.body)])
        return _json("kept")

    def _decided(self, form: Mapping[str, Any], now: datetime) -> Decided:
        """The decision in `form`, of a picture as it was shown; it counts before earlier ones."""
        number, content = form.get("row"), form.get("content")
        if type(number) is not int:  # true is none
            raise RefusedError(HTTPStatus.BAD_REQUEST, "A row has a number.")
        row = self._row(number)
        self._hash([number])  # of a page that was made before the server was started again
        if content is None or content != self._contents[number]:
            raise RefusedError(
                HTTPStatus.CONFLICT,
                f"{row.path} is not what was shown of it: reload the page and look again.",
            )
        try:
            decision = Decision(form.get("decision", ""))
        except ValueError as error:
            words = f"A decision is one of {', '.join(Decision)}."
            raise RefusedError(HTTPStatus.BAD_REQUEST, words) from error
        by, note = _line(form.get("by", "")), _line(form.get("note", ""))
        former = self._log.latest(content)
        at = time_after(now, former.decided_at) if former else time_text(now)
        return Decided(row.path, content, decision, at, by, note)

    def _drop(self, request: Request) -> Answer:
        contents: list[Any] = [form.get("content") for form in _forms(request.body)]
        if not all(isinstance(each, str) and self._log.own(each) for each in contents):
            raise RefusedError(
                HTTPStatus.CONFLICT, "Nothing was decided on this picture since the start."
            )
        self._log.drop(contents)
        return _json("taken back")

    def _row(self, number: int) -> ReviewRow:
        try:
            return self._rows[number]
        except IndexError as error:
            raise RefusedError(HTTPStatus.NOT_FOUND, "The run has no such row.") from error


def card_json(number: int, card: Card) -> dict[str, Any]:
    """The card of the row `number`, as the page's script takes it."""
    return {**card.to_json(), "row": number}


def _json(form: object) -> Answer:
    return Answer(HTTPStatus.OK, "application/json", json.dumps(form).encode())


def _forms(body: bytes) -> list[dict[str, Any]]:
    """The JSON objects of the list in `body`."""
    try:
        forms = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "This is no JSON.") from error
    if not isinstance(forms, list) or not all(isinstance(form, dict) for form in forms):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "This is no list of JSON objects.")
    return forms


def _line(text: object) -> str:
    """A name or a note in one line, as the file takes it: without a zero byte."""
    if not isinstance(text, str) or len(text) > _NOTE_MAX:
        words = f"A name or a note is text of at most {_NOTE_MAX:,} characters."
        raise RefusedError(HTTPStatus.BAD_REQUEST, words)
    return " ".join(text.encode(errors="replace").decode().replace("\0", " ").split())
