"""What the page says in words: the verdict, and what to look at first."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from batch_predict.evaluate.evaluation import Counts, Evaluation, Group
from batch_predict.evaluate.reliability import wilson
from batch_predict.manifest.gates import is_near_chance, reaches
from batch_predict.manifest.run_counts import RunCounts
from batch_predict.manifest.run_record import RunRecord
from batch_predict.records import CLASSES, Status
from batch_predict.report.compare import Comparison
from batch_predict.report.numbers import count, interval, percent
from batch_predict.report.provenance import Provenance

SURE: Final = 0.99  # a mistake this confident may well be a wrong label
UNSURE_OF_TRUTH: Final = 0.01  # the same, by the probability given to the stated truth
NOTABLE_ECE: Final = 0.01
SIGNIFICANT: Final = 0.05
FEW: Final = 100  # rows; the calibration of fewer says little
FOLDER: Final = "folder"  # title of the breakdown by first-level folder
MOST_COVERED: Final = 0.95  # of the rows with truth: the few others change no figure much
WIDE: Final = 0.04  # an interval of over four percentage points
_LOOKED_AT: Final = {Status.REVIEW, Status.DECIDED}  # by a person


class Point(NamedTuple):
    """Something to look at, and the part of the page that shows it."""

    words: str
    anchor: str


class Verdict(NamedTuple):
    """What stands at the head of the page."""

    figure: str  # the accuracy, or of how many rows it is, where those are a selection
    selection: str  # how the rows with truth differ from the others; empty: not surely


def verdict(counts: Counts) -> Verdict:
    """The head of the page on `counts`."""
    words = selection(counts)
    return Verdict(f"{counts.n:,} of {counts.rows:,}" if words else percent(counts.accuracy), words)


def selection(counts: Counts) -> str:
    """In which way the rows with truth are none drawn at random; empty where they may be.

    The shares that a person looks at are compared, with truth and without: as where only the hard
    rows are labelled. They differ where their intervals lie apart.
    """
    looked_at = [each for each in counts.by_status if each.status in _LOOKED_AT]
    rows, n = sum(each.rows for each in looked_at), sum(each.n for each in looked_at)
    among, beside = wilson(n, counts.n), wilson(rows - n, counts.rows - counts.n)
    if counts.n >= MOST_COVERED * counts.rows or among is None or beside is None:
        return ""
    if among[0] <= beside[1] and beside[0] <= among[1]:
        return ""
    covered = ", ".join(
        f"{each.n:,} of {each.rows:,} {each.status}" for each in counts.by_status if each.rows
    )
    shares = f"{percent(n / counts.n)} of those with truth, {percent(rows / counts.rows)} of all"
    return f"Truth covers {covered}; a person looks at {shares}."


def headline(evaluation: Evaluation, comparison: Comparison | None = None, before: str = "") -> str:
    """The accuracy, its interval and n, on one line; of a comparison with the CSV `before`, too."""
    counts = evaluation.counts
    found = f"accuracy {percent(counts.accuracy)} of {counts.n} with truth"
    parts = [f"{found} (95% interval {interval(counts.accuracy_interval)})"]
    if words := selection(counts):
        parts.append(f"not of the whole table: {words[0].lower()}{words[1:].rstrip('.')}")
    if comparison is not None:
        shares = f"{percent(comparison.accuracy_before)} there, {percent(comparison.accuracy)} here"
        (point,) = _about_change(comparison)
        parts.append(f"of {comparison.n} also in {before}: {shares}. {point.words}")
    return "; ".join(parts)


def gate(evaluation: Evaluation, provenance: Provenance) -> bool | None:
    """Whether the accuracy meets the gate; None without a gate."""
    if provenance.min_accuracy is None:
        return None
    return reaches(evaluation.counts.accuracy_interval, provenance.min_accuracy)


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
        *(_about_change(comparison) if comparison else ()),
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
    if ece is None or ece < NOTABLE_ECE or counts.n_scored < FEW:
        return []
    filled = evaluation.calibration.reliability
    mean = sum(each.n * each.confidence for each in filled) / counts.n_scored
    how = "sure" if mean > (counts.accuracy_scored or 0) else "modest"
    words = f"Confidences are off by {percent(ece)} on average, too {how} on the whole"
    return [Point(words, "calibration")]


def _about_change(comparison: Comparison) -> list[Point]:
    change = comparison.wins - comparison.losses
    if not comparison.wins and not comparison.losses:
        words = "No row is right in only one of this and the earlier CSV"
        return [Point(words, "comparison")]
    if comparison.mcnemar_p >= SIGNIFICANT:
        words = "The difference to the earlier CSV may be chance"
    else:
        words = f"{'Better' if change > 0 else 'Worse'} than the earlier CSV, beyond chance"
    wins, losses = count(comparison.wins, "win"), count(comparison.losses, "loss", "losses")
    return [Point(f"{words}: {wins}, {losses} (p = {comparison.mcnemar_p:.2g})", "comparison")]
