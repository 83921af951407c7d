"""What became of a set's pictures, and the figures that say how good it is."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import roc_auc_score

from batch_predict import Prediction
from batch_predict.evaluate.reliability import bins, expected_calibration_error, mass_edges, wilson
from batch_predict.evaluate.selective import COVERAGES, GeneralizedRiskCurve
from batch_predict.records import Status
from batch_predict.runtimes.looks_plan import ALL_READINGS, FIRST_READING
from tests.bench.sample import Sample


class Outcome(NamedTuple):
    """What became of a sample."""

    sample: Sample
    answer: Prediction
    looks: int | None = None  # that networks of ours had at it; None: another's, or not known

    @property
    def right(self) -> bool:
        return self.sample.label is not None and self.answer.label == self.sample.label

    @property
    def silently_wrong(self) -> bool:
        return self.answer.status == Status.OK and not self.right

    @property
    def confidence(self) -> float:
        """Of its label; one that has no answer has none, and counts as the least sure."""
        return self.answer.confidence or 0.0


class Scored(NamedTuple):
    """What became of a set, and what that cost."""

    outcomes: list[Outcome]
    cpu: float  # seconds
    article: float  # CPU seconds that `article-code` takes for as many pictures
    peak: int | None = None  # bytes of memory, of all processes of a command; None: not measured

    @classmethod
    def together(cls, sets: Iterable["Scored"]) -> "Scored":
        """All of them as one set."""
        sets = list(sets)
        outcomes = [o for one in sets for o in one.outcomes]
        peaks = [one.peak for one in sets if one.peak is not None]
        cpu, article = (sum(seconds) for seconds in zip(*(each[1:3] for each in sets), strict=True))
        return cls(outcomes, cpu, article, max(peaks, default=None))


def figures(scored: Scored) -> dict[str, Any]:
    """The figures of a set, as the JSON has them; None where there is no such figure."""
    outcomes = scored.outcomes
    digits = [o for o in outcomes if o.sample.label is not None]
    right = sum(o.right for o in digits)
    silent = sum(o.silently_wrong for o in outcomes)
    statuses = [o.answer.status for o in outcomes]
    curve = _curve(digits)
    return {
        "pictures": len(outcomes),
        "digits": len(digits),
        "right": right,
        "right_interval_95": wilson(right, len(digits)),
        "silently_wrong": silent,
        "silently_wrong_interval_95": wilson(silent, len(outcomes)),
        "review": statuses.count(Status.REVIEW),
        "no_answer": statuses.count(Status.BLANK) + statuses.count(Status.FAILED),
        "augrc": curve.area if curve else None,
        "risk_at_coverage": {
            f"{point.coverage:g}": point.selective_risk
            for point in (curve.at(COVERAGES) if curve else ())
        },
        "ece": calibration_error(digits),
        "second_looks": _looked(outcomes, FIRST_READING),
        "third_looks": _looked(outcomes, ALL_READINGS),
        "cpu_seconds": scored.cpu,
        "article_code_cpu_seconds": scored.article,
        "peak_memory_bytes": scored.peak,
    }


def areas(seen: Iterable[Outcome], letters: Iterable[Outcome]) -> dict[str, float | None]:
    """Figures over all sets of a tool; `letters` are those of `seen` with letters and signs."""
    seen = list(seen)
    digits = [o for o in seen if o.sample.label is not None]
    curve = _curve(digits)
    return {
        "auroc_of_digits_against_letters_and_signs": auroc([*digits, *letters]),
        "auroc_of_digits_against_all_else": auroc(seen),
        "augrc_of_all_digits": curve.area if curve else None,
    }


def _looked(outcomes: Sequence[Outcome], number: int) -> int | None:
    """How many had so many looks or more."""
    looks = [o.looks for o in outcomes if o.looks is not None]
    return sum(each >= number for each in looks) if looks else None


def _tells_confidence(outcomes: Sequence[Outcome]) -> bool:
    """Whether there are answers, and each has a confidence."""
    answered = [o.answer for o in outcomes if o.answer.label is not None]
    return bool(answered) and all(answer.confidence is not None for answer in answered)


def _curve(digits: Sequence[Outcome]) -> GeneralizedRiskCurve | None:
    return GeneralizedRiskCurve(*_told(digits)) if _tells_confidence(digits) else None


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
    if len(set(truth)) < 2 or not _tells_confidence(outcomes):
        return None
    return float(roc_auc_score(truth, [o.confidence for o in outcomes]))


def _told(outcomes: Sequence[Outcome]) -> tuple[np.ndarray, np.ndarray]:
    confidence = np.array([o.confidence for o in outcomes], np.float32)
    return confidence, np.array([o.right for o in outcomes], bool)
