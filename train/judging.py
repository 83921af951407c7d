"""The looks of a model's card, fitted: the rules that take all that is said of a picture to one
answer, and from which confidence a look's answer stands.

Everything is fitted on validation pictures, which no network was trained on. A rule's weights are
those of the least log loss on pictures of digits (`runtimes.rule` has the rule's sources); the
no-digit rule is a logistic regression on digits and on what is none. Networks come as functions:
nothing here knows what they run on.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.looks import Classify
from batch_predict.normalize.readings import ReadingKind
from batch_predict.records import CLASSES
from batch_predict.runtimes.looks_plan import (
    ALL_READINGS,
    NEVER,
    SCREEN,
    Form,
    Hear,
    Look,
    LooksPlan,
)
from batch_predict.runtimes.rule import (
    AGAIN,
    FLOOR,
    HEAD,
    SOURCES,
    Flags,
    NoDigit,
    Opinion,
    Rule,
    Said,
)
from batch_predict.scoring import NO_DIGIT_ABOVE

from .readings import NO_DIGIT, Readings, concatenated

# Share of a form's digits that a look may be sure of and read wrong, where the last look would read
# them right or send them to a person. The judge itself reads 0.3% of MNIST's wrong.
LOST: Final = 0.0002
FEWEST: Final = 50  # pictures of digits that a form's rule is fitted on
DECIMALS: Final = 4  # of what the card has
# A person looks where more than one such answer in twenty would be wrong: a silent error weighs as
# much as twenty looks, and the confidence is calibrated.
REVIEW_BELOW: Final = 0.95
# Of the weights' squares: what is said alike by several sources is shared among them. Fitted on one
# half of the pictures, a rule so reads the other half a little better (docs/log.md).
PENALTY: Final = 3e-3
MOST_WEIGHT: Final = 1.5  # weight of a source
LOOKS: Final = LooksPlan._fields[1:]  # by the names that the card has

#: what stays of a form of which there are too few pictures: the answer to the first reading
_PLAIN: Final = {
    Form.MNIST: Rule.read({"weights": {str(ReadingKind.STANDS): 1}, "no digit": {"readings": 1}}),
    Form.OTHER: Rule.read({"weights": {str(ReadingKind.MAP): 1}, "no digit": {"head": 1}}),
}


class Judged(NamedTuple):
    """Pictures that are not empty, and what is said of them."""

    labels: NDArray[np.uint8]  # (n,), of which 10 and 11 are no digit
    is_mnist: NDArray[np.bool_]
    said: Said

    def at(self, places: NDArray[np.bool_] | NDArray[np.intp]) -> "Judged":
        """Those at `places`."""
        return Judged(self.labels[places], self.is_mnist[places], self.said.at(places))


def said_of(read: Readings, classify: Classify, *, again: bool) -> Said:
    """What `classify` says of the readings `read`, and the class head of the pictures.

    The head speaks of those that are not in MNIST's form; with `again`, as in the last look, at
    both sizes.
    """
    shown = read.shown
    said = Said.nothing(len(shown.labels))
    kinds = np.array([SOURCES.index(ReadingKind(kind)) for kind in read.reading], int)
    said.hear(read.picture, kinds, classify(read.pixels))
    marked = np.flatnonzero(~shown.form)
    said.hear_head(HEAD, marked, shown.head[marked])
    if again:
        said.hear_head(AGAIN, marked, shown.again[marked])
    return said


def fit_rules(judged: Judged) -> dict[Form, Rule]:
    """A rule for each form."""
    rules, is_digit = {}, judged.labels < CLASSES
    for form in Form:
        of_form = judged.is_mnist == (form is Form.MNIST)
        digits = judged.at(of_form & is_digit)
        if len(digits.labels) < FEWEST:
            rules[form] = _PLAIN[form]
        else:
            none = judged.at(of_form & ~is_digit)
            rules[form] = Rule(_weights(digits), _no_digit(digits.said, none.said))
    return rules


def _weights(digits: Judged) -> tuple[float, ...]:
    from scipy.optimize import minimize

    labels, said = digits.labels, digits.said
    used = np.flatnonzero(said.heard.any(axis=0))
    logs = np.where(said.heard[..., None], np.log(said.digits + FLOOR), 0).astype(np.float64)
    logs = logs[:, used]
    told = np.eye(CLASSES)[labels]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        pool = np.einsum("nsc,s->nc", logs, weights)
        likely = pool - np.logaddexp.reduce(pool, axis=1, keepdims=True)
        slope = np.einsum("nc,nsc->s", np.exp(likely) - told, logs)
        of_likelihood = -float((told * likely).sum()) / len(labels), slope / len(labels)
        penalty = PENALTY * float((weights**2).sum()), 2 * PENALTY * weights
        return of_likelihood[0] + penalty[0], of_likelihood[1] + penalty[1]

    start = np.full(len(used), 1 / len(used))
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=[(0, MOST_WEIGHT)] * len(used)
    )
    weights = np.zeros(len(SOURCES))
    weights[used] = found.x
    return tuple(round(float(weight), DECIMALS) for weight in weights)


def _no_digit(digits: Said, none: Said) -> NoDigit:
    """The rule of the least log loss; with nothing to learn from, what the readings say."""
    from scipy.optimize import minimize

    if not len(none.heard):
        return NoDigit(0.0, readings=1.0)

    def loss(values: NDArray[np.float64]) -> float:
        rule, rows = NoDigit(*values), (digits, none)
        there, not_there = (rule.probability(said).astype(np.float64) for said in rows)
        told = np.concatenate([1 - there, not_there])
        return float(-np.log(told + 1e-9).mean())

    heads = [bool(digits.heard[:, SOURCES.index(head)].any()) for head in (HEAD, AGAIN)]
    bounds = [(-20.0, 20.0), (0.0, 5.0), *((0.0, 5.0 * there) for there in heads)]
    start = np.array([-1.0, 0.5, *(0.5 * there for there in heads)])
    found = minimize(loss, start, method="Nelder-Mead", bounds=bounds)
    return NoDigit(*(round(float(value), DECIMALS) for value in found.x))


def sure_from(judged: Judged, opinion: Opinion, last: Opinion) -> dict[Form, float]:
    """For each form, from which confidence the answers of a look stand.

    `opinion` holds them, `last` those of the last look. A wrong answer that stands is a loss where
    `last` would read the picture right, or send it to a person: LOST of the digits may be.
    """
    found = {}
    wrong = opinion.probabilities.argmax(axis=1) != judged.labels
    is_mended = last.probabilities.argmax(axis=1) == judged.labels
    lost = wrong & (is_mended | (last.confidences < REVIEW_BELOW)) & (judged.labels < CLASSES)
    for form in Form:
        of_form = judged.is_mnist == (form is Form.MNIST)
        count = np.count_nonzero(of_form & (judged.labels < CLASSES))
        losses = np.sort(opinion.confidences[of_form & lost])[::-1]
        allowed = int(LOST * count)
        if count < FEWEST:
            found[form] = NEVER
        elif len(losses) > allowed:
            found[form] = round(float(losses[allowed]) + 10**-DECIMALS, DECIMALS)
        else:
            found[form] = 0.0
    return found


class Heard(NamedTuple):
    """Pictures that validate, those that a run would look at, and what it would hear of them."""

    groups: NDArray[np.str_]  # (n,), of the pictures, as `train.readings` has them
    screen: Judged
    first_reading: Judged | None  # None: no judge but the screen
    all_readings: Judged

    @classmethod
    def of(cls, held: Mapping[str, Readings], screen: Classify, judges: Classify | None) -> "Heard":
        """What they say of the readings `held`, by group; without `judges`, `screen` is its own."""
        read = concatenated(held.values())
        heard, shown, seen = read.heard_first(), read.shown, read.seen()
        groups = np.repeat(list(held), [len(each.shown.labels) for each in held.values()])

        def judged(said: Said) -> Judged:
            return Judged(shown.labels[seen], shown.form[seen], said.at(seen))

        return cls(
            groups[seen],
            judged(said_of(heard, screen, again=False)),
            judged(said_of(heard, judges, again=False)) if judges else None,
            judged(said_of(read.heard_last(), judges or screen, again=True)),
        )

    @property
    def labels(self) -> NDArray[np.uint8]:
        """(n,), see `Judged`."""
        return self.screen.labels

    def opinion(self, plan: LooksPlan) -> Opinion:
        """The answers that a run would give by `plan`, but for what the normalizer notes."""
        looks = (self.screen, self.first_reading or self.screen, self.all_readings)
        hears = [heard_before(judged.said) for judged in looks]
        return plan.opinion(self.screen.is_mnist, np.zeros(len(self.labels), bool), hears)


def heard_before(said: Said) -> Hear:
    """What a look hears where all is `said` already."""
    return lambda places, before: said.at(places)


class Outcome(NamedTuple):
    """How many pictures of a group came out how."""

    n: int
    right: int  # of what is no digit, none
    review: int  # sent to a person
    silently_wrong: int  # neither right nor sent to one
    looks: tuple[int, ...]  # answered by each of LOOKS

    def to_json(self) -> dict[str, Any]:
        """Counts, and the shares that are spoken of."""
        looks = dict(zip(LOOKS, self.looks, strict=True))
        return {
            **self._asdict(),
            "looks": looks,
            "review_share": round(self.review / max(self.n, 1), 5),
            "silent_share": round(self.silently_wrong / max(self.n, 1), 5),
        }


class Fitted(NamedTuple):
    """What goes into the card of the screen."""

    plan: LooksPlan
    forms: dict[str, Outcome]  # of digits, by the form they came in
    groups: dict[str, Outcome]  # of digits, by their group; and of NO_DIGIT

    def to_json(self) -> dict[str, Any]:
        """The fields of the card."""
        outcomes = {"forms": self.forms, "groups": self.groups}
        return {
            "looks": self.plan.to_json(),
            "review_below": REVIEW_BELOW,
            "validation_looks": {
                by: {name: each.to_json() for name, each in found.items()}
                for by, found in outcomes.items()
            },
        }


def fit_looks(heard: Heard, hashes: Mapping[str, str]) -> Fitted:
    """The looks of a model; `hashes` are the sha256 of its judges' files, by their names, and none
    where it is its own judge.

    No look is sure of what a person would see: the next one may be.
    """
    never = dict.fromkeys(Form, NEVER)
    every = heard.all_readings
    last = Look(fit_rules(every), never)
    final = last.opinion(every.said, every.is_mnist)

    def look(judged: Judged) -> Look:
        unsure = Look(fit_rules(judged), never)
        opinion = unsure.opinion(judged.said, judged.is_mnist)
        sure = sure_from(judged, opinion, final).items()
        return unsure._replace(sure_from={form: max(REVIEW_BELOW, each) for form, each in sure})

    between = look(heard.first_reading) if heard.first_reading else None
    plan = LooksPlan(dict(hashes), look(heard.screen), between, last)
    return Fitted(plan, *outcomes(plan, heard))


def say(fitted: Fitted) -> str:
    """A table for a person."""
    heads = ("n", "right", "silent", "review", "2nd look", "all read")
    lines = [f"{'':>10}" + "".join(f"{head:>9}" for head in heads)]
    for name, each in (*fitted.forms.items(), *fitted.groups.items()):
        counts = (each.right, each.silently_wrong, each.review, sum(each.looks[1:]), each.looks[2])
        shares = "".join(f"{count / each.n:9.2%}" for count in counts)
        lines.append(f"{name:>10}{each.n:9}{shares}")
    return "\n".join(lines)


def outcomes(plan: LooksPlan, heard: Heard) -> tuple[dict[str, Outcome], dict[str, Outcome]]:
    """What becomes of the pictures, by `Fitted.forms` and `Fitted.groups`.

    What the normalizer notes of a picture is not known here: it sends some more to a person, and
    has them looked at again.
    """
    opinion, is_digit = heard.opinion(plan), heard.labels < CLASSES
    right = opinion.probabilities.argmax(axis=1) == heard.labels
    review = (opinion.confidences < REVIEW_BELOW) | (opinion.no_digit > NO_DIGIT_ABOVE)

    def of(at: Flags) -> Outcome:
        counts = [at, at & right, at & review, at & ~right & ~review]
        counts += [at & (opinion.looks == number) for number in range(SCREEN, ALL_READINGS + 1)]
        n, sure, seen, silent, *looks = (int(each.sum()) for each in counts)
        return Outcome(n, sure, seen, silent, tuple(looks))

    forms = np.where(heard.screen.is_mnist, Form.MNIST, Form.OTHER)
    groups = np.where(is_digit, heard.groups, NO_DIGIT)
    return (
        {name: of(is_digit & (forms == name)) for name in _names(forms[is_digit])},
        {name: of(groups == name) for name in _names(groups)},
    )


def _names(names: NDArray[np.str_]) -> list[str]:
    """Each once, in their order."""
    return list(dict.fromkeys(names.tolist()))
