"""The gates: what a run must reach, beyond being finished."""

from fractions import Fraction
from typing import Final, NamedTuple, TypedDict

from batch_predict.drift import Drift
from batch_predict.errors import ExitCode, UsageError
from batch_predict.manifest.manifest import ReportFigures
from batch_predict.manifest.run_counts import RunCounts
from batch_predict.manifest.run_record import RunRecord
from batch_predict.manifest.walk_counts import Gone
from batch_predict.option_values import Limit
from batch_predict.options import Options
from batch_predict.plural import plural
from batch_predict.records import Status

# Of ten digits, one label in ten is right by chance. Models that read digits at all are far above
# twice that on any pictures seen; an interval up to a half keeps a few pictures from saying so.
_NEAR_CHANCE: Final = 0.2
_FAR_FROM_CHANCE: Final = 0.5
# More at a time is what a folder that was moved or a disk that is not mounted looks like.
_HALF: Final = Limit(Fraction(1, 2), is_share=True)


class GateOptions(TypedDict, total=False):
    """The options that are gates, as keywords; one that is not said has its default."""

    max_failures: Limit
    min_accuracy: float | None
    max_drift: float | None
    max_review: Limit | None
    baseline: str | None


class GateResult(NamedTuple):
    """What the gates make of a finished run."""

    exit_code: ExitCode
    missed: tuple[str, ...]  # a line on each gate that is not met


def judge(options: Options, record: RunRecord, report: ReportFigures | None) -> GateResult:
    """Whether the run reaches what `options` demand."""
    failures = _failures(options.max_failures, record.counts)
    gates = (
        _accuracy(options.min_accuracy, report),
        record.promise.missed() if record.promise else None,
        _drift(options.max_drift, record.drift),
        _review(options.max_review, record.counts),
        _gone(options, record.walk.gone),
    )
    missed = tuple(words for words in gates if words is not None)
    if failures is not None:
        return GateResult(ExitCode.FAILURES, (failures, *missed))
    return GateResult(ExitCode.GATE if missed else ExitCode.OK, missed)


def check_can_be_met(options: Options, *, has_truth: bool) -> None:
    """Said before any picture is scored.

    Raises:
        UsageError: `options` demand an accuracy where no picture has ground truth.
    """
    if options.min_accuracy is not None and not has_truth:
        raise UsageError(
            f"--min-accuracy {options.min_accuracy:g} can't be met: no picture has ground truth;"
            " name a file of labels with --labels"
        )


def accepts_gone(options: Options, gone: Gone | None) -> bool:
    """Whether `options` allow that so many pictures of the last finished run are gone."""
    return gone is None or (options.max_gone or _HALF).allows(gone.pictures, gone.of)


def reaches(interval: tuple[float, float] | None, min_accuracy: float) -> bool:
    """Whether an accuracy with this 95% `interval` meets the gate; without truth there is none.

    The lower end counts, so that few rows can't pass by luck.
    """
    return interval is not None and interval[0] >= min_accuracy


def is_near_chance(interval: tuple[float, float] | None) -> bool:
    """Whether an accuracy with this 95% `interval` looks as if truth and label had no relation."""
    return interval is not None and interval[0] <= _NEAR_CHANCE and interval[1] < _FAR_FROM_CHANCE


def near_chance_words(accuracy: float | None, with_truth: int, source: str) -> str:
    """What is said of such an accuracy: most likely the truth is none."""
    found = f"accuracy {accuracy or 0:.2%} of {with_truth} is near chance"
    return f"{found}: is the truth by {source} what the pictures show?"


def _failures(allowed: Limit, counts: RunCounts) -> str | None:
    failed = counts.by_status[Status.FAILED]
    if allowed.allows(failed, counts.found):
        return None
    codes = ", ".join(f"{n} {code}" for code, n in counts.reasons[Status.FAILED].items())
    return f"{failed} of {plural(counts.found)} failed (--max-failures {allowed}): {codes}"


def _accuracy(wanted: float | None, report: ReportFigures | None) -> str | None:
    if wanted is None:
        return None
    if report is None or report.accuracy.interval is None:
        return f"--min-accuracy {wanted:g} is not met: no picture has ground truth"
    if reaches(report.accuracy.interval, wanted):
        return None
    low, high = report.accuracy.interval
    return (
        f"--min-accuracy {wanted:g} is not met: accuracy {report.accuracy.value:.4f}, "
        f"95% interval from {low:.4f} to {high:.4f}, n = {report.with_truth}"
    )


def _drift(allowed: float | None, drift: Drift | None) -> str | None:
    if allowed is None:
        return None
    if drift is None:
        raise AssertionError("--max-drift without a baseline, which find_baseline refuses")
    index, words = drift.furthest()
    return f"--max-drift {allowed:g} is exceeded: {words}" if index > allowed else None


def _review(allowed: Limit | None, counts: RunCounts) -> str | None:
    review = counts.by_status[Status.REVIEW]
    if allowed is None or allowed.allows(review, counts.found):
        return None
    verb = "is" if review == 1 else "are"
    return (
        f"--max-review {allowed} is exceeded: {review} of {plural(counts.found)} {verb} for review"
    )


def _gone(options: Options, gone: Gone | None) -> str | None:
    if gone is None or accepts_gone(options, gone):
        return None
    is_gone = "is gone; its row is" if gone.pictures == 1 else "are gone; their rows are"
    return (
        f"--max-gone {options.max_gone or _HALF} is exceeded: of {plural(gone.of)} of the last"
        f" finished run, {gone.pictures} {is_gone} kept for when they come back;"
        " --max-gone 100% on one run accepts the loss"
    )
