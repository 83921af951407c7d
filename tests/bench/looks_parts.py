"""`python -m tests.bench.looks_parts`: what each part of the looks at a picture brings.

    python -m tests.bench.looks_parts --pool FOLDER --screen digits --judges a.keras,b.keras

FOLDER holds readings of pictures that validate, as `train.readings` keeps them: choices may be made
by these figures. Rules are fitted on one half of the pictures and judged on the other, and the
other way round. Of digits, by their group: the share that is right; that which is silently wrong
where the least sure 1, 2 and 4% go to a person; the mean log loss; the share under the confidence
from which nobody looks, and that of wrong ones above it. The networks are files, or names of
shipped ones. Of several after `--screen`, or several sets after `--judges`, each joined by
commas, the first is taken apart, and the mean of all and their standard deviation are given.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from batch_predict.evaluate.selective import GeneralizedRiskCurve
from batch_predict.looks import Classify
from batch_predict.normalize.readings import ReadingKind
from batch_predict.records import CLASSES
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.looks_plan import (
    ALL_READINGS,
    FIRST_READING,
    NEVER,
    SCREEN,
    Form,
    Look,
    LooksPlan,
)
from batch_predict.runtimes.model_file import find_model
from batch_predict.runtimes.padded import Padded
from batch_predict.runtimes.rule import AGAIN, HEAD, READINGS, SOURCES, Opinion, Said, evenness
from batch_predict.scoring import NO_DIGIT_ABOVE
from train.judging import REVIEW_BELOW, Judged, fit_rules, heard_before, said_of, sure_from
from train.readings import Readings, concatenated, load_readings

REVIEWED: Final = (0.01, 0.02, 0.04)  # shares of the digits of a group
COLUMNS: Final = (
    "right", *(f"silent at {share:.0%}" for share in REVIEWED), "log loss",
    f"under {REVIEW_BELOW}", "silent above",
)  # fmt: skip
BATCH: Final = 256
HEADS: Final = tuple(map(SOURCES.index, (HEAD, AGAIN)))
STANDS, MAP = (SOURCES.index(kind) for kind in (ReadingKind.STANDS, ReadingKind.MAP))

Mask = NDArray[np.bool_]


class Pool(NamedTuple):
    """Pictures that classifiers would see, and that are not empty."""

    read: Readings
    groups: NDArray[np.str_]  # (m,), of all pictures
    seen: NDArray[np.intp]  # (n,), those meant

    @classmethod
    def of(cls, folder: Path) -> "Pool":
        """The pool in `folder`."""
        chunks = sorted(folder.glob("*-*.npz"))
        parts = [load_readings(str(chunk)) for chunk in chunks]
        names = [chunk.stem.rpartition("-")[0] for chunk in chunks]
        read = concatenated(parts)
        groups = np.repeat(names, [len(part.shown.labels) for part in parts])
        return cls(read, groups, read.seen())

    @property
    def labels(self) -> NDArray[np.uint8]:
        """(n,); 10 and 11 are no digit."""
        return self.read.shown.labels[self.seen]

    @property
    def is_mnist(self) -> Mask:
        """(n,), whether they are in MNIST's form."""
        return self.read.shown.form[self.seen]

    def of_digits(self) -> dict[str, Mask]:
        """Which pictures (n,) are digits, by their group."""
        groups, digits = self.groups[self.seen], self.labels < CLASSES
        masks = {str(name): digits & (groups == name) for name in dict.fromkeys(groups.tolist())}
        return {name: mask for name, mask in masks.items() if mask.any()}

    def heard(self, classify: Classify) -> Said:
        """All that `classify` and the class head say of them."""
        return said_of(self.read.heard_last(), classify, again=True).at(self.seen)


def mean_of(said: Sequence[Said]) -> Said:
    """What several networks say together: the mean of their answers to each reading."""
    digits = np.mean([each.digits for each in said], axis=0, dtype=np.float32)
    none = said[0].no_digit.copy()  # of the heads as they are
    count = len(none)
    none[:, READINGS] = evenness(digits[:, READINGS].reshape(-1, CLASSES)).reshape(count, -1)
    return Said(digits, np.where(said[0].heard, none, 0), said[0].heard)


def but(said: Said, *sources: int) -> Said:
    """Without what `sources` say."""
    heard = said.heard.copy()
    heard[:, list(sources)] = False
    return said._replace(heard=heard)


def first_look(said: Said, is_mnist: Mask) -> Said:
    """What is heard at first: see `looks.said_of_first`."""
    wanted = np.zeros_like(said.heard)
    wanted[:, STANDS] = True  # of small pictures alone
    wanted[:, MAP] = wanted[:, SOURCES.index(HEAD)] = ~is_mnist
    return said._replace(heard=said.heard & wanted)


def without_rule(said: Said) -> Opinion:
    """The plain mean of all that is said; even where nothing is."""
    count = said.heard.sum(axis=1)
    total = (said.digits * said.heard[..., None]).sum(axis=1)
    mean = np.where(count[:, None] > 0, total / np.maximum(count, 1)[:, None], 1 / CLASSES)
    mean = mean.astype(np.float32)
    return Opinion.of_one_look(mean, evenness(mean))


class Halves:
    """Rules for pictures, each fitted on the half that a picture is not in."""

    def __init__(self, labels: NDArray[np.uint8], is_mnist: Mask) -> None:
        self._labels, self._is_mnist = labels, is_mnist
        in_first = np.arange(len(labels)) % 2 == 0
        self._ways = ((in_first, ~in_first), (~in_first, in_first))

    def by_rule(self, said: Said) -> Opinion:
        """The answers to all pictures by one rule of what is `said`."""
        opinion = Opinion.nothing(len(self._labels))
        for fit, judge in self._ways:
            look, _ = self._fitted(said, fit)
            opinion.replace(np.flatnonzero(judge), self._opinion(look, said, judge))
        return opinion

    def by_looks(self, screen: Said, judges: Said) -> Opinion:
        """The answers by all looks, given all that the screen and the judges would say."""
        first = [first_look(said, self._is_mnist) for said in (screen, judges)]
        opinion = Opinion.nothing(len(self._labels))
        for fit, judge in self._ways:
            last, final = self._fitted(judges, fit)
            plan = LooksPlan({}, *(self._sure(said, fit, final) for said in first), last)
            hears = [heard_before(said.at(judge)) for said in (*first, judges)]
            never_doubted = np.zeros(np.count_nonzero(judge), bool)
            found = plan.opinion(self._is_mnist[judge], never_doubted, hears)
            opinion.replace(np.flatnonzero(judge), found)
        return opinion

    def _sure(self, said: Said, at: Mask, final: Opinion) -> Look:
        look, opinion = self._fitted(said, at)
        found = sure_from(self._judged(said, at), opinion, final)
        return look._replace(sure_from={form: max(REVIEW_BELOW, c) for form, c in found.items()})

    def _fitted(self, said: Said, at: Mask) -> tuple[Look, Opinion]:
        """A look fitted on the pictures `at`, sure of none, and its answers to them."""
        look = Look(fit_rules(self._judged(said, at)), dict.fromkeys(Form, NEVER))
        return look, self._opinion(look, said, at)

    def _opinion(self, look: Look, said: Said, at: Mask) -> Opinion:
        return look.opinion(self._judged(said, at).said, self._is_mnist[at])

    def _judged(self, said: Said, at: Mask) -> Judged:
        return Judged(self._labels, self._is_mnist, said).at(at)


def figures(opinion: Opinion, labels: NDArray[np.uint8]) -> list[float]:
    """One for each of COLUMNS, of pictures of digits; all but the log loss in percent."""
    under = opinion.confidences < REVIEW_BELOW
    right = opinion.probabilities.argmax(axis=1) == labels
    curve = GeneralizedRiskCurve(opinion.confidences, right)
    silent = curve.at(tuple(1 - share for share in REVIEWED))
    likely = opinion.probabilities[np.arange(len(labels)), labels].astype(np.float64)
    loss = -np.log(np.maximum(likely, 1e-9)).mean()
    return [
        100 * right.mean(),
        *(100 * point.generalized_risk for point in silent),
        loss,
        100 * under.mean(),
        100 * (~right & ~under).mean(),
    ]


def told(numbers: Sequence[float]) -> str:
    """The only one of `numbers`, or their mean and standard deviation."""
    mean = f"{np.mean(numbers):.3f}"
    return mean if len(numbers) == 1 else f"{mean} ± {np.std(numbers, ddof=1):.3f}"


def tables(pool: Pool, ways: Mapping[str, Sequence[Opinion]]) -> Iterator[str]:
    """For each group a table of `ways`, whose opinions are those of several seeds; and one of what
    is no digit."""
    labels = pool.labels
    for group, at in pool.of_digits().items():
        yield f"\n{group}, {np.count_nonzero(at)} digits, %:\n"
        yield f"| | {' | '.join(COLUMNS)} |"
        yield f"| --- |{' --- |' * len(COLUMNS)}"
        for name, opinions in ways.items():
            parts = [Opinion._make(each[at] for each in opinion) for opinion in opinions]
            cells = zip(*(figures(part, labels[at]) for part in parts), strict=True)
            yield f"| {name} | {' | '.join(map(told, cells))} |"
    digits = labels < CLASSES
    yield f"\n{np.count_nonzero(~digits)} pictures of no digit:\n"
    yield "| | AUROC of confidence | called none, % | digits called none, % |"
    yield f"| --- |{' --- |' * 3}"
    for name, opinions in ways.items():
        areas = [roc_auc_score(digits, opinion.confidences) for opinion in opinions]
        none = [opinion.no_digit > NO_DIGIT_ABOVE for opinion in opinions]
        shares = ([100 * each[at].mean() for each in none] for at in (~digits, digits))
        yield f"| {name} | {' | '.join(map(told, (areas, *shares)))} |"
    yield "\nShare of all pictures that get a second look, and a third, %:\n"
    groups = pool.groups[pool.seen]
    names = dict.fromkeys(groups.tolist())
    yield f"| | {' | '.join(names)} |"
    yield f"| --- |{' --- |' * len(names)}"
    for name, opinions in ways.items():
        if any(opinion.looks.max(initial=1) > SCREEN for opinion in opinions):
            cells = (
                _looks([opinion.looks[groups == group] for opinion in opinions]) for group in names
            )
            yield f"| {name} | {' | '.join(cells)} |"


def _looks(looks: Sequence[NDArray[np.int8]]) -> str:
    second, third = (
        [100 * np.mean(each >= n) for each in looks] for n in (FIRST_READING, ALL_READINGS)
    )
    return f"{told(second)}, {told(third)}"


def ways_of(
    pool: Pool, screens: Sequence[Said], judges: Mapping[str, Sequence[Said]]
) -> Iterator[tuple[str, list[Opinion]]]:
    """The answers of each part and of all: given what each screen says, and what each judge of a
    set says, by the set's name."""
    halves = Halves(pool.labels, pool.is_mnist)
    sets = [mean_of(each) for each in judges.values()]
    screen, together = screens[0], sets[0]

    def first(said: Said) -> Said:
        other = np.where(pool.is_mnist, MAP, STANDS)  # than the reading that comes first
        found = but(first_look(said, pool.is_mnist), *HEADS)
        found.heard[np.arange(len(other)), other] = False
        return found

    yield "the screen alone, first reading", [without_rule(first(screen))]
    yield "readings alone: the screen's mean of all", [without_rule(but(screen, *HEADS))]
    yield "judges alone, first reading", [without_rule(first(together))]
    yield "judges' mean of all readings", [without_rule(but(together, *HEADS))]
    yield "heads alone", [without_rule(but(screen, *range(*READINGS.indices(len(SOURCES)))))]
    yield (
        "rule alone: the screen's first look",
        [halves.by_rule(first_look(screen, pool.is_mnist))],
    )
    yield "the screen's readings, heads, rule", [halves.by_rule(screen)]
    yield "judges' first look, rule", [halves.by_rule(first_look(together, pool.is_mnist))]
    yield "judges' readings, heads, without rule", [without_rule(together)]
    yield "everything: judges' readings, heads, rule", [halves.by_rule(together)]
    yield "the looks, one after another", [halves.by_looks(screen, together)]
    for source, name in enumerate(SOURCES):
        if together.heard[:, source].any():
            yield f"everything but {name}", [halves.by_rule(but(together, source))]
    yield "everything but both heads", [halves.by_rule(but(together, *HEADS))]
    names, (ones, *_) = next(iter(judges)).split(","), judges.values()
    if len(ones) > 1:
        for name, one in zip(names, ones, strict=True):
            yield f"everything, of judges {Path(name).stem} alone", [halves.by_rule(one)]
    if len(screens) > 1:
        yield f"{len(screens)} screens alone", [without_rule(first(each)) for each in screens]
        yield (
            f"the looks, {len(screens)} screens",
            [halves.by_looks(each, together) for each in screens],
        )
    if len(sets) > 1:
        yield f"{len(sets)} sets of judges alone", [without_rule(first(each)) for each in sets]
        yield f"everything, {len(sets)} sets of judges", [halves.by_rule(each) for each in sets]
        yield (
            f"the looks, {len(sets)} sets of judges",
            [halves.by_looks(screen, each) for each in sets],
        )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.looks_parts")
    parser.add_argument("--pool", type=Path, required=True, help="folder of readings")
    parser.add_argument("--screen", nargs="+", default=["digits"], help="one, or several seeds")
    parser.add_argument(
        "--judges", nargs="+", required=True, help="a set joined by commas, or several such sets"
    )
    parser.add_argument("--runtime", default="keras")
    options = parser.parse_args()
    pool = Pool.of(options.pool)
    load = find_runtime(options.runtime).load_classifier
    names = [*options.screen, *(name for each in options.judges for name in each.split(","))]
    said = {
        name: pool.heard(Padded(load(find_model(name), BATCH), BATCH))
        for name in dict.fromkeys(names)
    }
    judges = {each: [said[name] for name in each.split(",")] for each in options.judges}
    ways = dict(ways_of(pool, [said[name] for name in options.screen], judges))
    print("\n".join(tables(pool, ways)))


if __name__ == "__main__":
    main()
