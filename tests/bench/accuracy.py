"""`python -m tests.bench.accuracy`: accuracy per set, by the program's own `predict`.

    DIGITS_DATA=... python -m tests.bench.accuracy --model digits --count 300 --sets 'photos|MNIST'

A picture is right where its label is; `silently wrong` is the share of all pictures of a set whose
row is `ok` though its label is wrong. For pictures without a digit, or with several, nothing is
right, and every `ok` row is silently wrong; what counts is how many go to review or are blank. The
last column is the CPU time of a picture, in ms, beyond that of a call for a single one of MNIST.
"""

import argparse
import re
import resource
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from sklearn.metrics import roc_auc_score

from batch_predict import Prediction, predict
from batch_predict.evaluate.reliability import wilson
from batch_predict.normalize.modes import Preprocess
from batch_predict.records import Status
from batch_predict.runtimes import RUNTIMES
from tests.bench.cache import cached
from tests.bench.groups import GROUPS
from tests.bench.sets import SETS, Sample, make_set
from tests.bench.sheets import save_failures

CHUNK: Final = 500  # pictures a call: those of 12 megapixels have megabytes each
COLUMNS: Final = (
    "set", "pictures", "right", "95% interval", "silently wrong", "95% interval", "review", "blank",
    "CPU ms",
)  # fmt: skip
WARM_UP: Final = ("MNIST", "optdigits-like 8x8", "app drawings")  # what any network is loaded for


class Outcome(NamedTuple):
    """What became of a sample."""

    sample: Sample
    answer: Prediction

    @property
    def right(self) -> bool:
        return self.sample.label is not None and self.answer.label == self.sample.label

    @property
    def silently_wrong(self) -> bool:
        return self.answer.status == Status.OK and not self.right


class Scored(NamedTuple):
    """What became of a set."""

    outcomes: list[Outcome]
    cpu: float  # seconds

    @classmethod
    def together(cls, sets: Iterable["Scored"]) -> "Scored":
        sets = list(sets)
        return cls([o for one in sets for o in one.outcomes], sum(one.cpu for one in sets))


class Program:
    """`predict` with its keywords, and what a call costs that answers one picture."""

    def __init__(self, **keywords: Any) -> None:
        self._keywords = keywords
        first = [make_set(name, 1)[0].data for name in WARM_UP]
        for data in (first, first[:1]):  # loads what is loaded once
            predict(data, **keywords)
        start = cpu_seconds()
        predict(first[:1], **keywords)
        self._call = cpu_seconds() - start

    def score(self, samples: Sequence[Sample]) -> Scored:
        start = cpu_seconds()
        calls = range(0, len(samples), CHUNK)
        answers = [
            answer
            for at in calls
            for answer in predict([s.data for s in samples[at : at + CHUNK]], **self._keywords)
        ]
        cpu = cpu_seconds() - start - self._call * len(calls)
        return Scored([Outcome(*pair) for pair in zip(samples, answers, strict=True)], max(cpu, 0))


def cpu_seconds() -> float:
    """User and system time of this process and of its children that have ended."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def line(name: str, scored: Scored) -> str:
    """A set's line of the table."""
    outcomes = scored.outcomes
    count = len(outcomes)
    statuses = [o.answer.status for o in outcomes]
    cells = [
        name,
        str(count),
        *share([o.right for o in outcomes if o.sample.label is not None]),
        *share([o.silently_wrong for o in outcomes]),
        *(f"{statuses.count(status) / count:.1%}" for status in (Status.REVIEW, Status.BLANK)),
        f"{1000 * scored.cpu / count:.2f}",
    ]
    return f"| {' | '.join(cells)} |"


def share(hits: Sequence[bool]) -> tuple[str, str]:
    """How many of `hits` are true, and the 95% interval of that, as percentages."""
    interval = wilson(sum(hits), len(hits))
    if interval is None:
        return "-", "-"
    low, high = interval
    return f"{sum(hits) / len(hits):.2%}", f"{low:.2%} to {high:.2%}"


def auroc(outcomes: Sequence[Outcome]) -> float | None:
    """Of confidence, digits against all else; a blank has none. None where one side is empty."""
    truth = [o.sample.label is not None for o in outcomes]
    if len(set(truth)) < 2:
        return None
    return float(roc_auc_score(truth, [o.answer.confidence or 0 for o in outcomes]))


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
    options = parser.parse_args()
    program = Program(model=options.model, runtime=options.runtime, preprocess=options.preprocess)
    print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}", flush=True)
    seen: dict[str, Scored] = {}
    for name in (name for name in SETS if re.search(options.sets, name)):
        seen[name] = program.score(cached(options.cache, name, options.count, SETS[name]))
        print(line(name, seen[name]), flush=True)
        if options.sheets:
            file = re.sub("[^A-Za-z0-9.]+", "_", name)
            save_failures(seen[name].outcomes, options.sheets / file, options.preprocess)
    print_groups(seen)
    area = auroc(Scored.together(seen.values()).outcomes)
    if area is not None:
        print(f"\nAUROC of confidence, digits against all else: {area:.4f}")


def print_groups(seen: dict[str, Scored]) -> None:
    """Sums over the groups of which at least two sets were scored."""
    for group, pattern in GROUPS.items():
        members = [scored for name, scored in seen.items() if re.search(pattern, name)]
        if len(members) > 1:
            print(line(f"**{group}**", Scored.together(members)))


if __name__ == "__main__":
    main()
