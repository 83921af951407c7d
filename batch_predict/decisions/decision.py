"""What a person may decide on a picture."""

from collections.abc import Iterable
from enum import StrEnum
from operator import attrgetter
from typing import Final, NamedTuple

from batch_predict.records import Code, Reason


class Decision(StrEnum):
    """What a picture is, for good: the words of the column `decision`."""

    DIGIT_0 = "0"
    DIGIT_1 = "1"
    DIGIT_2 = "2"
    DIGIT_3 = "3"
    DIGIT_4 = "4"
    DIGIT_5 = "5"
    DIGIT_6 = "6"
    DIGIT_7 = "7"
    DIGIT_8 = "8"
    DIGIT_9 = "9"
    NO_DIGIT = "none"  # something is written there, and no digit
    BLANK = "blank"  # nothing is
    IGNORE = "ignore"  # a broken file that is known

    @property
    def digit(self) -> int | None:
        """0 to 9, or None where it is no digit."""
        return int(self) if self.isdigit() else None

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Those of a row that was decided so; of a digit there are none."""
        return _REASONS.get(self, ())

    @classmethod
    def of_row(cls, label: int | None, reasons: Iterable[Reason]) -> "Decision | None":
        """What was decided on a row with this label and these reasons; None: it does not say."""
        if label is not None:
            return cls(str(label))
        codes = {reason.code for reason in reasons}
        return next((each for each, (made,) in _REASONS.items() if made.code in codes), None)


_REASONS: Final = {
    Decision.NO_DIGIT: (Reason(Code.DECIDED_NO_DIGIT, "a person found no digit"),),
    Decision.BLANK: (Reason(Code.DECIDED_BLANK, "a person found nothing written"),),
    Decision.IGNORE: (Reason(Code.DECIDED_IGNORED, "a person knows of it"),),
}


class Decided(NamedTuple):
    """One row of a decisions file."""

    path: str  # as the CSV writes it, where the picture lay when it was decided
    content: str  # sha256 of the file's bytes, 64 hexadecimal digits in lower case
    decision: Decision
    decided_at: str  # UTC, as 2026-11-27T08:30:00Z: texts in order are times in order
    by: str = ""  # who decided
    note: str = ""


def in_order(decided: Iterable[Decided]) -> list[Decided]:
    """By time, those of one time as they come: of several on one content, the last counts."""
    return sorted(decided, key=attrgetter("decided_at"))


def latest(decided: Iterable[Decided]) -> dict[str, Decided]:
    """What counts, by content."""
    return {each.content: each for each in in_order(decided)}
