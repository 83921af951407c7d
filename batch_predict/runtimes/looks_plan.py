"""Which looks a picture gets, as the card of a model has it under `looks`."""

import hashlib
import json
import os
from enum import StrEnum
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.records import CLASSES
from batch_predict.runtimes.rule import Flags, Opinion, Rule, Said, check_names, number

JUDGES: Final = "judges"
SURE_FROM: Final = "sure from"
NEVER: Final = 2.0  # above every confidence


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
        count = len(is_mnist)
        empty = np.zeros((count, CLASSES), np.float32), np.zeros(count, np.float32)
        opinion = Opinion.of_one_look(*empty)
        for form, places in _of_forms(is_mnist).items():
            if len(places):
                part = Said._make(array[places] for array in said)
                opinion.replace(places, self.rules[form].opinion(part))
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
