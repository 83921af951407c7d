"""What is known of the accuracy, each figure with what it rests on."""

from typing import NamedTuple

from batch_predict.evaluate.reliability import Interval
from batch_predict.manifest.expected import RESTS_ON
from batch_predict.report.numbers import count
from batch_predict.report.report import Report


class Accuracy(NamedTuple):
    """A share of right labels; what is counted, sampled or expected is never called another."""

    name: str
    share: float | None  # None: withheld
    interval: Interval | None  # 95%
    rests_on: str


def accuracies(report: Report) -> list[Accuracy]:
    """What is known of the rows of `report`, the surest first."""
    counts = report.evaluation.counts
    found = []
    if counts.accuracy is not None:
        part = "all" if counts.n == counts.rows else f"{counts.n:,} of"
        rests_on = f"the truth of {part} {count(counts.rows, 'row')}"
        found.append(Accuracy("counted", counts.accuracy, counts.accuracy_interval, rests_on))
    if counts.accuracy_after_decisions is not None:
        share, within = counts.accuracy_after_decisions, counts.accuracy_after_decisions_interval
        rests_on = f"the same truth; {counts.n_decided:,} of these rows a person decided"
        found.append(Accuracy("after decisions", share, within, rests_on))
    if audited := report.audited:
        right = audited.estimates.right
        found.append(Accuracy("sampled", right.share, right.interval, audited.rests_on))
    expected = report.record.expected if report.record else None
    if expected is not None:
        labels = f"no truth, {RESTS_ON}, of {count(expected.n, 'label')}"
        rests_on = labels if expected.withheld is None else f"withheld: {expected.withheld}"
        found.append(Accuracy("expected", expected.value, None, rests_on))
    return found
