"""How what several networks say of a picture becomes one answer: the rules in a model's card.

A source is a reading of the picture, as the classifiers answer to it, or the ink network's class
head, which looks at the picture itself. The digits come from a logarithmic opinion pool: the
logarithms of all sources' probabilities, each times the source's weight, are summed (Genest and
Zidek 1986, "Combining probability distributions"; Heskes 1998). Whether there is a digit at all is
a logistic regression on what the sources say of that. Both were fitted on pictures that no network
was trained on: `train.judging`.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.readings import ReadingKind
from batch_predict.records import CLASSES
from batch_predict.runtimes.network import Floats

HEAD: Final = "head"  # the class head, of the picture as it was marked first
AGAIN: Final = "head again"  # and of the picture as it was marked on another side
SOURCES: Final = (*ReadingKind, HEAD, AGAIN)
READINGS: Final = slice(0, len(ReadingKind))  # of SOURCES
#: those that take no map
UNMARKED: Final = (ReadingKind.STANDS, ReadingKind.UPRIGHT)

FLOOR: Final = 3e-5  # added to a probability: a source that is wholly sure may be wrong
NONE_FLOOR: Final = 1e-4  # the same, to whether there is a digit: of that, sources are surer
# Of a weight or constant in a card: what was fitted is under 5, and with 25 exponentials overflow.
MOST: Final = 20.0
_SHARES: Final = ("readings", HEAD, AGAIN)  # of the no-digit rule

Flags = NDArray[np.bool_]


class Said(NamedTuple):
    """What the sources say of n pictures; where one says nothing, `digits` has zeros."""

    digits: Floats  # (n, SOURCES, 10), probabilities
    no_digit: Floats  # (n, SOURCES), the probability that there is none
    heard: Flags  # (n, SOURCES): it says something

    @classmethod
    def nothing(cls, count: int) -> "Said":
        """Of `count` pictures, to be filled by `hear` and `hear_head`."""
        shape = (count, len(SOURCES))
        return cls(
            np.zeros((*shape, CLASSES), np.float32),
            np.zeros(shape, np.float32),
            np.zeros(shape, bool),
        )

    def at(self, places: NDArray[Any]) -> "Said":
        """Of the pictures at `places`."""
        return Said._make(column[places] for column in self)

    def hear(self, pictures: NDArray[Any], sources: NDArray[Any], answers: Floats) -> None:
        """The classifiers' `answers` (m, 10) to readings, given the picture and source of each."""
        self.digits[pictures, sources] = np.clip(answers, 0, 1)
        self.no_digit[pictures, sources] = evenness(answers)
        self.heard[pictures, sources] = True

    def hear_known(self, pictures: NDArray[Any], sources: NDArray[Any], known: "Said") -> None:
        """What is said in `known`, of the same pictures, given the picture and source of each."""
        for column, said in zip(self, known, strict=True):
            column[pictures, sources] = said[pictures, sources]

    def hear_head(self, source: str, pictures: NDArray[Any], classes: Floats) -> None:
        """What the class head says, `classes` (m, 12), of `pictures` (m,)."""
        at = SOURCES.index(source)
        none = classes[:, CLASSES:].sum(axis=1)
        self.digits[pictures, at] = classes[:, :CLASSES] + none[:, None] / CLASSES
        self.no_digit[pictures, at] = none
        self.heard[pictures, at] = True


def evenness(answers: Floats) -> Floats:
    """How far `answers` (n, 10) are even, 0 to 1: the probability that there is no digit.

    Classifiers learn to answer evenly where there is none, so that the least of the ten answers is
    a tenth of that probability.
    """
    even: Floats = np.clip(CLASSES * answers.min(axis=1), 0, 1).astype(np.float32)
    return even


class Opinion(NamedTuple):
    """The answer for n pictures."""

    probabilities: Floats  # (n, 10), sum to 1
    no_digit: Floats  # (n,)
    looks: NDArray[np.int8]  # (n,), the one that gave each answer: `looks` numbers them

    @classmethod
    def of_one_look(cls, probabilities: Floats, no_digit: Floats) -> "Opinion":
        """The answer that a first look gives."""
        return cls(probabilities, no_digit, np.ones(len(no_digit), np.int8))

    @classmethod
    def nothing(cls, count: int) -> "Opinion":
        """Of `count` pictures, to be filled by `replace`."""
        return cls.of_one_look(np.zeros((count, CLASSES), np.float32), np.zeros(count, np.float32))

    @property
    def confidences(self) -> Floats:
        """(n,), the probability of each picture's label."""
        highest: Floats = self.probabilities.max(axis=1)
        return highest

    def replace(self, places: NDArray[Any], other: "Opinion") -> None:
        """Put the answers of `other` at `places`."""
        self.probabilities[places], self.no_digit[places], self.looks[places] = other


class NoDigit(NamedTuple):
    """Log odds that there is no digit: a constant, and weights of what the sources say of it."""

    constant: float
    readings: float = 0.0  # of the mean over the readings that there are
    head: float = 0.0
    again: float = 0.0

    def probability(self, said: Said) -> Floats:
        """(n,), that there is no digit."""
        none = said.no_digit[said.heard]
        odds = np.zeros(said.heard.shape)
        odds[said.heard] = np.log(none + NONE_FLOOR) - np.log(1 - none + NONE_FLOOR)
        count = np.maximum(said.heard[:, READINGS].sum(axis=1), 1)
        total = self.constant + self.readings * odds[:, READINGS].sum(axis=1) / count
        total += self.head * odds[:, SOURCES.index(HEAD)]
        total += self.again * odds[:, SOURCES.index(AGAIN)]
        probability: Floats = (1 / (1 + np.exp(-total))).astype(np.float32)
        return probability


class Rule(NamedTuple):
    """See the module; a card has it as an object."""

    weights: tuple[float, ...]  # of SOURCES
    no_digit: NoDigit

    @classmethod
    def read(cls, value: Any) -> "Rule":
        """What a card holds; raises ValueError for anything else."""
        weights = _numbers(value, "weights", SOURCES)
        shares = _numbers(value, "no digit", ("constant", *_SHARES))
        if any(weight < 0 for weight in weights.values()):
            raise ValueError("a weight is below 0")
        return cls(
            tuple(weights.get(source, 0.0) for source in SOURCES),
            NoDigit(shares.get("constant", 0.0), *(shares.get(name, 0.0) for name in _SHARES)),
        )

    @property
    def hears_maps(self) -> bool:
        """Whether what only the ink network shows has any weight."""
        weights = zip(SOURCES, self.weights, strict=True)
        of_maps = (weight for source, weight in weights if source not in UNMARKED)
        return any(of_maps) or any((self.no_digit.head, self.no_digit.again))

    def to_json(self) -> dict[str, Any]:
        """The inverse of `read`; what has no weight is left out."""
        weights = {str(s): w for s, w in zip(SOURCES, self.weights, strict=True) if w}
        shares = dict(zip(("constant", *_SHARES), self.no_digit, strict=True))
        return {"weights": weights, "no digit": {k: v for k, v in shares.items() if v}}

    def opinion(self, said: Said) -> Opinion:
        """The answer: the pool's, and even as far as there is no digit."""
        counts = np.flatnonzero(self.weights)  # in the first look at most pictures, one source
        heard, digits = said.heard[:, counts, None], said.digits[:, counts]
        logs = np.where(heard, np.log(digits + FLOOR), 0).astype(np.float64)
        pool = (logs * np.array(self.weights)[counts, None]).sum(axis=1)
        pool = np.exp(pool - pool.max(axis=1, keepdims=True))
        pool /= pool.sum(axis=1, keepdims=True)
        none = self.no_digit.probability(said)
        mixed = (1 - none[:, None]) * pool + none[:, None] / CLASSES
        return Opinion.of_one_look(mixed.astype(np.float32), none)


def _numbers(value: Any, name: str, known: tuple[str, ...]) -> Mapping[str, float]:
    """The object `name` of the object `value`: finite numbers, by names that are `known`."""
    numbers = value.get(name) if isinstance(value, dict) else None
    if not isinstance(numbers, dict):
        raise ValueError(f"there is no object {name!r}")
    check_names(numbers, name, known)
    found = {key: number(each, key) for key, each in numbers.items()}
    if large := [key for key, each in found.items() if abs(each) > MOST]:
        raise ValueError(f"{large[0]!r} is {found[large[0]]:g}; the most is {MOST:g}")
    return found


def check_names(value: Mapping[str, Any], name: str, known: Iterable[str]) -> None:
    """Raises ValueError where the object `value`, which is `name`, has what is not `known`."""
    names = [*known]
    if strange := [key for key in value if key not in names]:
        raise ValueError(f"{name!r} has an unknown {strange[0]!r}; known are {', '.join(names)}")


def number(value: object, name: str) -> float:
    """`value` as a finite number; raises ValueError for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            if math.isfinite(found := float(value)):
                return found
        except OverflowError:  # a whole number too large for a float
            pass
    raise ValueError(f"{name!r} is no finite number")
