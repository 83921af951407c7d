"""What the report says to look at first, each with where the page shows it."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from batch_predict.evaluate.evaluation import Evaluation, Group
from batch_predict.manifest.gates import is_near_chance
from batch_predict.manifest.run_counts import RunCounts
from batch_predict.manifest.run_record import RunRecord
from batch_predict.records import CLASSES
from batch_predict.report.compare import Comparison
from batch_predict.report.numbers import count, percent

SURE: Final = 0.99  # a mistake this confident may well be a wrong label
UNSURE_OF_TRUTH: Final = 0.01  # the same, by the probability given to the stated truth
NOTABLE_ECE: Final = 0.01
SIGNIFICANT: Final = 0.05
FEW_ROWS: Final = 100  # the calibration of fewer says little
FOLDER: Final = "folder"  # title of the breakdown by first-level folder
WIDE: Final = 0.04  # an interval of over four percentage points


class Point(NamedTuple):
    """Something to look at, and the part of the page that shows it."""

    words: str
    anchor: str


def doubtful_labels(evaluation: Evaluation) -> int:
    """How many of the suspected label errors, which come first, are the strong ones."""
    return sum(
        case.truth_probability < UNSURE_OF_TRUTH
        if case.truth_probability is not None
        else (case.confidence or 0) >= SURE
        for case in evaluation.cases.suspected_label_errors
    )


def breakdowns(evaluation: Evaluation) -> Mapping[str, tuple[Group, ...]]:
    """Every breakdown that there is, by its title on the page."""
    by_folder = {FOLDER: evaluation.by_folder} if evaluation.by_folder else {}
    by_column = {
        f"{name} (of the labels file)" if name == FOLDER else name: groups
        for name, groups in evaluation.by_column.items()
    }
    return by_folder | by_column


def look_at(
    evaluation: Evaluation, comparison: Comparison | None, record: RunRecord | None = None
) -> list[Point]:
    """What deserves a person's attention, most pressing first; may be empty."""
    return [
        *_about_rows(evaluation),
        *(_about_copies(record.counts) if record else ()),
        *_about_labels(evaluation),
        *_about_groups(evaluation),
        *_about_calibration(evaluation),
        *([Point(change_words(comparison), "comparison")] if comparison else ()),
    ]


def _about_rows(evaluation: Evaluation) -> list[Point]:
    counts = evaluation.counts
    points: list[Point] = []
    if not counts.n:  # an audit alone
        return points
    low, high = counts.accuracy_interval or (0, 1)
    if high - low > WIDE:
        rows = count(counts.n, "row")
        points.append(Point(f"The interval is wide, from only {rows} with truth", "rows"))
    if is_near_chance(counts.accuracy_scored_interval):
        words = "The accuracy is near chance: is the truth what the pictures show?"
        points.append(Point(words, "truth"))
    if counts.rows > counts.n:
        without = count(counts.rows - counts.n, "row has", "rows have")
        counts_for = "counts" if counts.rows - counts.n == 1 else "count"
        points.append(Point(f"{without} no truth and {counts_for} for nothing here", "truth"))
    if counts.n and not counts.n_ok and counts.by_status[0].rows:
        points.append(Point("No ok row has truth, so nothing is known of these", "rows"))
    absent = [str(digit.digit) for digit in evaluation.per_digit if not digit.support]
    if 0 < len(absent) < CLASSES:
        points.append(Point(f"No labelled row has the truth {', '.join(absent)}", "digits"))
    unread = counts.n - counts.n_scored
    if unread:
        what = f"{counts.n_blank:,} blank, {counts.n_failed:,} failed"
        if others := unread - counts.n_blank - counts.n_failed:
            what += f", {others:,} decided"
        rows = count(unread, "row has", "rows have")
        as_error = "counts as an error" if unread == 1 else "count as errors"
        points.append(Point(f"{rows} no label and {as_error} ({what})", "unread"))
    return points


def _about_copies(counts: RunCounts) -> list[Point]:
    """Figures are for pictures that are new to the model, and none of them a copy."""
    points = []
    if counts.exact_copies:
        copies = count(counts.exact_copies, "picture is an exact copy", "pictures are exact copies")
        words = f"{copies} of others: with them, intervals are narrower than they should be"
        points.append(Point(words, "rows"))
    if counts.seen_in_training:
        seen = count(counts.seen_in_training, "picture is", "pictures are")
        words = f"{seen} among those that the model learned from: to read them right proves little"
        points.append(Point(words, "rows"))
    return points


def _about_labels(evaluation: Evaluation) -> list[Point]:
    points = []
    doubtful = doubtful_labels(evaluation)
    if doubtful:
        words = f"{count(doubtful, 'mistake')} in which the model all but rules out the truth"
        points.append(Point(f"{words}: a wrong label, or a blind spot?", "suspects"))
    for worst in evaluation.top_confusions[:1]:
        if worst.count > 1:
            words = f"The most frequent confusion: {worst.truth} taken for {worst.label}"
            points.append(Point(f"{words}, {worst.count:,} times", "confusion"))
    return points


def _about_groups(evaluation: Evaluation) -> list[Point]:
    points = []
    for at, (title, groups) in enumerate(breakdowns(evaluation).items(), 1):
        for worst in [group for group in groups if group.below_the_rest][:1]:
            words = f"{title} “{worst.name}” does worse than the rest"
            share = f"{percent(worst.accuracy)} of {worst.n:,}"
            points.append(Point(f"{words}: {share}", f"group-{at}"))
    return points


def _about_calibration(evaluation: Evaluation) -> list[Point]:
    ece, counts = evaluation.calibration.ece, evaluation.counts
    if ece is None or ece < NOTABLE_ECE or counts.n_scored < FEW_ROWS:
        return []
    filled = evaluation.calibration.reliability
    mean = sum(each.n * each.confidence for each in filled) / counts.n_scored
    how = "sure" if mean > (counts.accuracy_scored or 0) else "modest"
    words = f"Confidences are off by {percent(ece)} on average, too {how} on the whole"
    return [Point(words, "calibration")]


def change_words(comparison: Comparison) -> str:
    """Whether this CSV or the earlier one is better, and whether that may be chance."""
    change = comparison.wins - comparison.losses
    if not comparison.wins and not comparison.losses:
        return "No row is right in only one of this and the earlier CSV"
    if comparison.mcnemar_p >= SIGNIFICANT:
        words = "The difference to the earlier CSV may be chance"
    else:
        words = f"{'Better' if change > 0 else 'Worse'} than the earlier CSV, beyond chance"
    wins, losses = count(comparison.wins, "win"), count(comparison.losses, "loss", "losses")
    return f"{words}: {wins}, {losses} (p = {comparison.mcnemar_p:.2g})"
