"""What a run with `--max-error` promises, as a manifest holds it and as a person reads it."""

from dataclasses import dataclass
from typing import Any

from batch_predict.audit.promise import THRESHOLDS
from batch_predict.audit.promise_of_run import Audit, OfRun
from batch_predict.manifest.json_object import JsonObject
from batch_predict.option_values import Limit


@dataclass(frozen=True)
class Promised:
    """The review threshold from which few enough `ok` rows are wrong, and what that rests on."""

    max_error: float  # share of `ok` rows that was asked for
    threshold: float | None  # a confidence; None: nothing is promised
    tested: float | None  # the threshold, or else the first tested; None: none could hold
    errors: float | None  # at `tested`: share of wrong rows among `ok` ones, weighted
    upper: float | None  # end of its one-sided 95% interval
    review_share: float | None  # of all rows, at `tested`
    labels: int  # answers to pictures that the run has
    answers: int  # in the file
    labels_needed: int | None  # in all; None: it holds, or no number of labels would do
    plan_sha256: str
    answers_sha256: str

    @classmethod
    def of(cls, max_error: Limit, found: OfRun, audit: Audit) -> "Promised":
        """What was `found` by the answers of `audit`."""
        kept, tested = found.promise.kept, found.promise.tested
        shown = kept or (tested[0] if tested else None)
        return cls(
            float(max_error.amount),
            kept.threshold if kept else None,
            shown.threshold if shown else None,
            shown.errors if shown else None,
            shown.upper if shown else None,
            shown.review_share if shown else None,
            found.labels,
            len(audit.answers),
            found.promise.labels_needed,
            audit.plan_sha256,
            audit.answers_sha256,
        )

    def words(self) -> str:
        """The promise, and what it costs; for one that is not kept see `missed`."""
        return (
            f"--max-error {_percent(self.max_error)} holds from confidence {self.threshold:g}:"
            f" {_percent(self.review_share)} go to review;"
            f" {self._labels()}, upper end {_percent(self.upper)}"
        )

    def missed(self) -> str | None:
        """Why nothing is promised, and what it would take; None where it is."""
        if self.threshold is not None:
            return None
        asked = f"--max-error {_percent(self.max_error)} is not promised"
        needed = f"it takes about {self.labels_needed:,}" if self.labels_needed else ""
        if self.tested is None:
            return f"{asked}: {self._labels()} are too few; {needed} without an error"
        wrong = (
            f"from confidence {self.tested:g} {_percent(self.errors)} are wrong, upper end"
            f" {_percent(self.upper)}"
        )
        if needed:
            return f"{asked}: {self._labels()} are too few where {wrong}; {needed} with such errors"
        mend = "a stricter threshold takes more labels"
        if self.tested == THRESHOLDS[0]:
            mend = "more labels would not do"
        return f"{asked}: too many errors, {wrong}, by {self._labels()}; {mend}"

    def _labels(self) -> str:
        if self.labels == self.answers:
            return f"{self.labels:,} labels"
        return f"{self.labels:,} of {self.answers:,} labels (the other pictures are not there now)"

    def to_json(self) -> dict[str, Any]:
        """The field `promise` of a manifest."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, form: JsonObject) -> "Promised":
        """What `to_json` wrote; raises ValueError for anything else."""
        return cls(
            form.number("max_error"),
            form.optional(form.number, "threshold"),
            form.optional(form.number, "tested"),
            form.optional(form.number, "errors"),
            form.optional(form.number, "upper"),
            form.optional(form.number, "review_share"),
            form.count("labels"),
            form.count("answers"),
            form.optional(form.count, "labels_needed"),
            form.text("plan_sha256"),
            form.text("answers_sha256"),
        )


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{100 * share:.3g}%"
