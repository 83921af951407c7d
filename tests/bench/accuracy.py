"""`python -m tests.bench.accuracy`: accuracy per set, by the program's own `predict`.

    DIGITS_DATA=... python -m tests.bench.accuracy --model digits --count 300 --sets 'photos|MNIST'

A picture is right where its label is; `silently wrong` is the share of all pictures of a set whose
row is `ok` though its label is wrong. For pictures without a digit, or with several, nothing is
right, and every `ok` row is silently wrong; what counts is how many go to review or are blank.
`second looks` is the share of pictures that judges saw, `third` of those they saw in all readings.
ECE is the expected calibration error, in 15 bins of equal mass, of sets that have labels. The last
column is the CPU time of a picture, in ms, beyond that of a call for a single one of MNIST; `cost`
is the same over what `article-code` takes for one, which is measured after every set.
"""

import argparse
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from sklearn.metrics import roc_auc_score

from batch_predict import Prediction, predict
from batch_predict.evaluate.reliability import bins, expected_calibration_error, mass_edges, wilson
from batch_predict.evaluate.selective import GeneralizedRiskCurve
from batch_predict.normalize.modes import Preprocess
from batch_predict.records import Status
from batch_predict.runtimes import RUNTIMES
from batch_predict.runtimes.looks_plan import ALL_READINGS, FIRST_READING
from tests.bench.cache import cached, kept
from tests.bench.cpu import ArticleCode, cpu_seconds
from tests.bench.groups import GROUPS, LETTERS
from tests.bench.looks import counted_looks
from tests.bench.sets import SETS, Sample, make_set
from tests.bench.sheets import save_failures

CHUNK: Final = 500  # pictures a call: those of 12 megapixels have megabytes each
COLUMNS: Final = (
    "set", "pictures", "right", "95% interval", "silently wrong", "95% interval", "review", "blank",
    "second looks", "third", "ECE", "cost", "CPU ms",
)  # fmt: skip
NONE: Final = "-"  # in place of a share of nothing
# What any network is loaded for: pictures of any size, some that are plain and some that are not.
WARM_UP: Final = ("MNIST", "optdigits-like 8x8", "app drawings", "letters: small", "no digits")


class Outcome(NamedTuple):
    """What became of a sample."""

    sample: Sample
    answer: Prediction
    looks: int = 0  # that networks had at it

    @property
    def right(self) -> bool:
        return self.sample.label is not None and self.answer.label == self.sample.label

    @property
    def silently_wrong(self) -> bool:
        return self.answer.status == Status.OK and not self.right

    @property
    def confidence(self) -> float:
        """Of its label; a blank one has none and counts as the least sure."""
        return self.answer.confidence or 0.0


class Scored(NamedTuple):
    """What became of a set."""

    outcomes: list[Outcome]
    cpu: float  # seconds
    article: float  # CPU seconds that `article-code` takes for as many pictures

    @classmethod
    def together(cls, sets: Iterable["Scored"]) -> "Scored":
        sets = list(sets)
        outcomes = [o for one in sets for o in one.outcomes]
        return cls(outcomes, sum(one.cpu for one in sets), sum(one.article for one in sets))


class Program:
    """`predict` with its keywords, and what a call costs that answers one picture."""

    def __init__(self, article: ArticleCode, **keywords: Any) -> None:
        self._article = article
        self._keywords = keywords
        first = [make_set(name, 1)[0].data for name in WARM_UP]
        for data in (first, first[:1]):  # loads what is loaded once
            predict(data, **keywords)
        start = cpu_seconds()
        predict(first[:1], **keywords)
        self._call = cpu_seconds() - start

    def score(self, samples: Sequence[Sample]) -> Scored:
        start = cpu_seconds()
        calls = [samples[at : at + CHUNK] for at in range(0, len(samples), CHUNK)]
        outcomes = [outcome for part in calls for outcome in self._outcomes(part)]
        cpu = cpu_seconds() - start - self._call * len(calls)
        article = self._article.picture_seconds() * len(samples)
        return Scored(outcomes, max(cpu, 0), article)

    def _outcomes(self, samples: Sequence[Sample]) -> list[Outcome]:
        with counted_looks() as looks:
            answers = predict([sample.data for sample in samples], **self._keywords)
        return [
            Outcome(sample, answer, looks.get(str(number), 0))
            for number, (sample, answer) in enumerate(zip(samples, answers, strict=True))
        ]


def line(name: str, scored: Scored) -> str:
    """A set's line of the table."""
    outcomes = scored.outcomes
    count = len(outcomes)
    statuses = [o.answer.status for o in outcomes]
    looks = [sum(o.looks >= number for o in outcomes) for number in (FIRST_READING, ALL_READINGS)]
    error = calibration_error(outcomes)
    cells = [
        name,
        str(count),
        *share([o.right for o in outcomes if o.sample.label is not None]),
        *share([o.silently_wrong for o in outcomes]),
        *(f"{statuses.count(status) / count:.1%}" for status in (Status.REVIEW, Status.BLANK)),
        *(f"{number / count:.1%}" for number in looks),
        NONE if error is None else f"{error:.2%}",
        f"{scored.cpu / scored.article:.2f}",
        f"{1000 * scored.cpu / count:.2f}",
    ]
    return f"| {' | '.join(cells)} |"


def share(hits: Sequence[bool]) -> tuple[str, str]:
    """How many of `hits` are true, and the 95% interval of that, as percentages."""
    interval = wilson(sum(hits), len(hits))
    if interval is None:
        return NONE, NONE
    low, high = interval
    return f"{sum(hits) / len(hits):.2%}", f"{low:.2%} to {high:.2%}"


def calibration_error(outcomes: Sequence[Outcome]) -> float | None:
    """Of the answers to digits that have a confidence; None where there is none."""
    answered = [o for o in outcomes if o.sample.label is not None and o.answer.confidence]
    if not answered:
        return None
    confidence, right = _told(answered)
    return expected_calibration_error(bins(confidence, right, mass_edges(confidence)))


def auroc(outcomes: Sequence[Outcome]) -> float | None:
    """Of confidence, digits against all else; a blank has none. None where one side is empty."""
    truth = [o.sample.label is not None for o in outcomes]
    if len(set(truth)) < 2:
        return None
    return float(roc_auc_score(truth, [o.confidence for o in outcomes]))


def augrc(outcomes: Sequence[Outcome]) -> float | None:
    """Of all digits; None where there is none."""
    return GeneralizedRiskCurve(*_told([o for o in outcomes if o.sample.label is not None])).area


def _told(outcomes: Sequence[Outcome]) -> tuple[np.ndarray, np.ndarray]:
    confidence = np.array([o.confidence for o in outcomes], np.float32)
    return confidence, np.array([o.right for o in outcomes], bool)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.accuracy")
    parser.add_argument("--model", default="digits", help="a shipped model's name or a path")
    parser.add_argument("--runtime", default="keras", choices=RUNTIMES)
    parser.add_argument("--count", type=int, default=100, help="pictures per set")
    parser.add_argument("--sets", default="", help="only sets whose name matches this pattern")
    parser.add_argument("--preprocess", type=Preprocess, default=Preprocess.AUTO)
    parser.add_argument("--sheets", type=Path, help="folder for contact sheets of the failures")
    parser.add_argument(
        "--cache",
        type=Path,
        help="folder that keeps the pictures, so that two versions of the program see the same "
        "bytes, and the second need not wait for them; empty it when the making of a set changes",
    )
    parser.add_argument(
        "--only-kept",
        action="store_true",
        help="make no picture: of each set take up to --count that --cache keeps",
    )
    options = parser.parse_args()
    if options.only_kept and options.cache is None:
        parser.error("--only-kept needs --cache")
    program = Program(
        ArticleCode(),
        model=options.model,
        runtime=options.runtime,
        preprocess=options.preprocess,
    )
    print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}", flush=True)
    seen: dict[str, Scored] = {}
    for name, samples in chosen_sets(options):
        seen[name] = program.score(samples)
        print(line(name, seen[name]), flush=True)
        if options.sheets:
            file = re.sub("[^A-Za-z0-9.]+", "_", name)
            save_failures(seen[name].outcomes, options.sheets / file, options.preprocess)
    print_groups(seen)
    print_areas(seen)


def chosen_sets(options: argparse.Namespace) -> Iterator[tuple[str, list[Sample]]]:
    """The sets that `options` ask for, and their pictures."""
    for name in (name for name in SETS if re.search(options.sets, name)):
        if not options.only_kept:
            yield name, cached(options.cache, name, options.count, SETS[name])
        elif samples := kept(options.cache, name, options.count):
            yield name, samples


def print_groups(seen: dict[str, Scored]) -> None:
    """Sums over the groups of which at least two sets were scored."""
    for group, pattern in GROUPS.items():
        members = [scored for name, scored in seen.items() if re.search(pattern, name)]
        if len(members) > 1:
            print(line(f"**{group}**", Scored.together(members)))


def print_areas(seen: Mapping[str, Scored]) -> None:
    """Figures over all sets, where they can be had."""
    outcomes = Scored.together(seen.values()).outcomes
    other = [o for name, one in seen.items() if re.search(LETTERS, name) for o in one.outcomes]
    digits = [o for o in outcomes if o.sample.label is not None]
    areas = {
        "AUROC of confidence, digits against letters and signs": auroc([*digits, *other]),
        "AUROC of confidence, digits against all else": auroc(outcomes),
        "AUGRC, all pictures of digits": augrc(outcomes),
    }
    for what, area in areas.items():
        if area is not None:
            print(f"\n{what}: {area:.5f}")


if __name__ == "__main__":
    main()
