"""Which looks a picture gets, as the card of a model has it under `looks`."""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from batch_predict.runtimes.rule import Flags, Opinion, Rule, Said, check_names, number

JUDGES: Final = "judges"
SURE_FROM: Final = "sure from"
NEVER: Final = 2.0  # above every confidence

#: the looks by number: the screen's, the judges' at the first reading, and at all readings
SCREEN, FIRST_READING, ALL_READINGS = _NUMBERS = 1, 2, 3
#: places of pictures (m,), what the look before has heard of them -> what is heard of them now
Hear: TypeAlias = Callable[[NDArray[np.intp], Said], Said]


class Form(StrEnum):
    """How a picture came: its answers are calibrated in these two groups."""

    MNIST = "mnist form"  # or it is only made grey and 28x28, by `--preprocess plain`
    OTHER = "other"  # it was marked by the ink network


class Look(NamedTuple):
    """The rule of a look, and from which confidence it is sure, for each form."""

    rules: dict[Form, Rule]
    sure_from: dict[Form, float]  # above 1: never

    @classmethod
    def read(cls, value: Any) -> "Look":
        """What a card holds; raises ValueError for anything else."""
        rules, sure_from = {}, {}
        forms = value if isinstance(value, dict) else {}
        check_names(forms, "a look", Form)
        for form in Form:
            each = forms.get(form)
            if not isinstance(each, dict):
                raise ValueError(f"there is no object {form.value!r}")
            try:
                check_names(each, "a rule", ("weights", "no digit", SURE_FROM))
                rules[form] = Rule.read(each)
                sure_from[form] = number(each.get(SURE_FROM, NEVER), SURE_FROM)
            except ValueError as error:
                raise ValueError(f"{form}: {error}") from error
        return cls(rules, sure_from)

    def to_json(self) -> dict[str, Any]:
        """The inverse of `read`."""
        return {
            str(form): rule.to_json()
            | ({} if self.sure_from[form] == NEVER else {SURE_FROM: self.sure_from[form]})
            for form, rule in self.rules.items()
        }

    def opinion(self, said: Said, is_mnist: Flags) -> Opinion:
        """The answer for n pictures; `is_mnist` (n,) tells those in MNIST's form."""
        opinion = Opinion.nothing(len(is_mnist))
        for form, places in _of_forms(is_mnist).items():
            if len(places):
                opinion.replace(places, self.rules[form].opinion(said.at(places)))
        return opinion

    def is_sure(self, opinion: Opinion, is_mnist: Flags) -> Flags:
        """(n,): of which pictures the answer stands."""
        needed = np.where(is_mnist, self.sure_from[Form.MNIST], self.sure_from[Form.OTHER])
        sure: Flags = opinion.confidences >= needed
        return sure


def _of_forms(is_mnist: Flags) -> dict[Form, NDArray[np.intp]]:
    return {Form.MNIST: np.flatnonzero(is_mnist), Form.OTHER: np.flatnonzero(~is_mnist)}


class LooksPlan(NamedTuple):
    """One look after another, until one is sure."""

    judges: dict[str, str]  # file name beside the model -> sha256; none: the model judges itself
    screen: Look  # the model itself, on a picture's first reading
    first_reading: Look | None  # the judges on it
    all_readings: Look | None  # the judges on all that it has

    @classmethod
    def read(cls, value: Any) -> "LooksPlan":
        """What a card holds; raises ValueError for anything else."""
        if not isinstance(value, dict):
            raise ValueError("it is no object")
        check_names(value, "looks", cls._fields)
        judges = value.get(JUDGES)
        if (
            not isinstance(judges, dict)
            or not all(map(_is_file_name, judges))
            or not all(map(_is_text, judges.values()))
        ):
            raise ValueError(f"{JUDGES!r} is no object of file names and hashes")
        looks = {}
        for name in cls._fields[1:]:
            if name == "first_reading" and name not in value:
                continue
            try:
                looks[name] = Look.read(value.get(name))
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from error
        return cls(judges, looks["screen"], looks.get("first_reading"), looks["all_readings"])

    def opinion(self, is_mnist: Flags, doubted: Flags, hears: Sequence[Hear]) -> Opinion:
        """The answer for n pictures, of which each look asks what the one before was not sure of.

        `is_mnist` (n,) tells those in MNIST's form, `doubted` (n,) those that are looked at again
        however sure a look is; `hears` are what each look hears, in their order.
        """
        opinion, left = Opinion.nothing(len(is_mnist)), np.arange(len(is_mnist))
        said = Said.nothing(len(left))
        for at, look, hear in zip(_NUMBERS, self[1:], hears, strict=True):
            if look is None or not len(left):
                continue
            said = hear(left, said)
            found = look.opinion(said, is_mnist[left])
            opinion.replace(left, found._replace(looks=np.full(len(left), at, np.int8)))
            unsure = np.flatnonzero(doubted[left] | ~look.is_sure(found, is_mnist[left]))
            left, said = left[unsure], said.at(unsure)
        return opinion

    def of_judges(self) -> "LooksPlan":
        """The looks of one of the judges, or of one trained from it, as its own judge."""
        return self._replace(
            judges={}, screen=self.first_reading or self.screen, first_reading=None
        )

    def of_first_reading(self) -> "LooksPlan":
        """The same, where a picture has no other reading."""
        return self._replace(all_readings=None)

    def sha256(self) -> str:
        """Of all that it says: plans of one hash give the same answers."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The inverse of `read`."""
        looks = {name: look.to_json() for name in self._fields[1:] if (look := getattr(self, name))}
        return {JUDGES: self.judges, **looks}


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_file_name(name: str) -> bool:
    """Whether a file can be called that: JSON has names that no system call takes."""
    try:
        return b"\0" not in os.fsencode(name) and bool(os.path.basename(name))
    except UnicodeEncodeError:  # half a surrogate pair
        return False
