"""The looks of a model's card, fitted: the rules that take all that is said of a picture to one
answer, and from which confidence a look's answer stands.

Everything is fitted on validation pictures, which no network was trained on. A rule's weights are
those of the least log loss on pictures of digits (`runtimes.rule` has the rule's sources); the
no-digit rule is a logistic regression on digits and on what is none.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.readings import ReadingKind
from batch_predict.records import CLASSES, EMPTY
from batch_predict.runtimes.looks_plan import NEVER, Form, Look, LooksPlan
from batch_predict.runtimes.rule import (
    AGAIN,
    FLOOR,
    HEAD,
    SOURCES,
    NoDigit,
    Opinion,
    Rule,
    Said,
)
from train.readings import Readings, concatenated

# Of a form's pictures: so many may be read wrong for good by a look that is sure of them, and right
# by the next. It is a fifth of what the judges themselves get wrong.
LOST: Final = 0.0002
FEWEST: Final = 50  # pictures of digits that a form's rule is fitted on
DECIMALS: Final = 4  # of what the card has

Floats = NDArray[np.float32]
Classify = Callable[[NDArray[np.uint8]], Floats]  # readings (n, 28, 28) -> (n, 10)
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


def said_of(read: Readings, classify: Classify, *, again: bool) -> Said:
    """What `classify` says of the readings `read`, and the class head of their pictures, of all
    but those in MNIST's form, or where they were marked `again`, of all, twice."""
    shown = read.shown
    said = Said.nothing(len(shown.labels))
    kinds = np.array([SOURCES.index(ReadingKind(kind)) for kind in read.reading], int)
    said.hear(read.picture, kinds, classify(read.pixels))
    marked = np.flatnonzero(~shown.form | again)
    said.hear_head(HEAD, marked, shown.head[marked])
    if again:
        said.hear_head(AGAIN, marked, shown.again[marked])
    return said


def fit_rules(judged: Judged) -> dict[Form, Rule]:
    """A rule for each form."""
    rules = {}
    for form in Form:
        at = judged.is_mnist == (form is Form.MNIST)
        labels, said = judged.labels[at], Said._make(each[at] for each in judged.said)
        enough = np.count_nonzero(labels < CLASSES) >= FEWEST
        rules[form] = _fit(labels, said) if enough else _PLAIN[form]
    return rules


def _fit(labels: NDArray[np.uint8], said: Said) -> Rule:
    digits = labels < CLASSES
    weights = _weights(labels[digits], Said._make(each[digits] for each in said))
    return Rule(weights, _no_digit(labels, said))


def _weights(labels: NDArray[np.uint8], said: Said) -> tuple[float, ...]:
    from scipy.optimize import minimize

    used = np.flatnonzero(said.heard.any(axis=0))
    logs = np.where(said.heard[..., None], np.log(said.digits + FLOOR), 0).astype(np.float64)
    logs = logs[:, used]
    told = np.eye(CLASSES)[labels]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        pool = np.einsum("nsc,s->nc", logs, weights)
        likely = pool - np.logaddexp.reduce(pool, axis=1, keepdims=True)
        slope = np.einsum("nc,nsc->s", np.exp(likely) - told, logs)
        return -float((told * likely).sum()) / len(labels), slope / len(labels)

    start = np.full(len(used), 1 / len(used))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(used))
    weights = np.zeros(len(SOURCES))
    weights[used] = found.x
    return tuple(round(float(weight), DECIMALS) for weight in weights)


def _no_digit(labels: NDArray[np.uint8], said: Said) -> NoDigit:
    """The rule of the least log loss; where all are digits, what the classifiers say themselves."""
    from scipy.optimize import minimize

    none = labels >= CLASSES
    if not none.any():
        return NoDigit(0.0, readings=1.0)

    def loss(values: NDArray[np.float64]) -> float:
        told = NoDigit(*values).probability(said).astype(np.float64)
        return float(-np.log(np.where(none, told, 1 - told) + 1e-9).mean())

    heads = [bool(said.heard[:, SOURCES.index(head)].any()) for head in (HEAD, AGAIN)]
    bounds = [(-20.0, 20.0), (0.0, 5.0), *((0.0, 5.0 * there) for there in heads)]
    start = np.array([-1.0, 0.5, *(0.5 * there for there in heads)])
    found = minimize(loss, start, method="Nelder-Mead", bounds=bounds)
    return NoDigit(*(round(float(value), DECIMALS) for value in found.x))


def sure_from(judged: Judged, opinion: Opinion, last: Opinion) -> dict[Form, float]:
    """From which confidence the answers `opinion` to pictures stand, where `last` would follow."""
    found = {}
    for form in Form:
        at = (judged.is_mnist == (form is Form.MNIST)) & (judged.labels < CLASSES)
        labels, confidences = judged.labels[at], opinion.confidences[at]
        wrong, mended = (
            each.probabilities[at].argmax(axis=1) != labels for each in (opinion, last)
        )
        losses = np.sort(confidences[wrong & ~mended])[::-1]
        allowed = int(LOST * len(labels))
        if len(labels) < FEWEST:
            found[form] = NEVER
        elif len(losses) > allowed:
            found[form] = round(float(losses[allowed]) + 10**-DECIMALS, DECIMALS)
        else:
            found[form] = 0.0
    return found


def fit_looks(
    held: Iterable[Readings], screen: Classify, judges: Classify, hashes: Mapping[str, str]
) -> LooksPlan:
    """The looks of a model `screen`, whose judges have `hashes` by their files' names.

    With no hashes it judges itself, and there is no look of the judges at the first reading.
    """
    read = concatenated(held)
    first = read.first()
    shown = first.picture[read.shown.labels[first.picture] != EMPTY]

    def judged(said: Said) -> Judged:
        of = read.shown
        return Judged(of.labels[shown], of.form[shown], Said._make(each[shown] for each in said))

    everything = judged(said_of(read, judges, again=True))
    last = Look(fit_rules(everything), dict.fromkeys(Form, NEVER))
    final = last.opinion(everything.said, everything.is_mnist)

    def look(classify: Classify) -> Look:
        heard = judged(said_of(first, classify, again=False))
        unsure = Look(fit_rules(heard), dict.fromkeys(Form, NEVER))
        opinion = unsure.opinion(heard.said, heard.is_mnist)
        return unsure._replace(sure_from=sure_from(heard, opinion, final))

    return LooksPlan(dict(hashes), look(screen), look(judges) if hashes else None, last)
