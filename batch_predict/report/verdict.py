"""The head of the report: how much is right, of what, and whether that is enough."""

from typing import Final, NamedTuple

from batch_predict.evaluate.evaluation import LOOKED_AT, Counts, Evaluation
from batch_predict.evaluate.reliability import wilson
from batch_predict.manifest.gates import reaches
from batch_predict.report.compare import Comparison
from batch_predict.report.look_at import change_words
from batch_predict.report.numbers import interval, percent
from batch_predict.report.provenance import Provenance

MOST_COVERED: Final = 0.95  # of the rows with truth: the few others change no figure much


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
    looked_at = [each for each in counts.by_status if each.status in LOOKED_AT]
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
        words = change_words(comparison)
        parts.append(f"of {comparison.n} also in {before}: {shares}. {words}")
    return "; ".join(parts)


def gate(evaluation: Evaluation, provenance: Provenance) -> bool | None:
    """Whether the accuracy meets the gate; None without a gate.

    It is that of the rows with truth, whichever a user gave it to: the page says so of a selection.
    """
    if provenance.min_accuracy is None:
        return None
    return reaches(evaluation.counts.accuracy_interval, provenance.min_accuracy)
