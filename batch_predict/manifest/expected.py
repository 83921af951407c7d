"""What share of a run's labels is right as far as the model's own confidence says: no truth in it.

Of a calibrated model, confidences are probabilities, and their mean is the expected accuracy.
That holds for pictures like those that it was calibrated on, which drift from its card measures.
"""

from dataclasses import dataclass
from typing import Any, Final

from batch_predict.drift import Drift
from batch_predict.manifest.json_object import JsonObject
from batch_predict.manifest.run_counts import MILLION, RunCounts
from batch_predict.records import DECIMALS

RESTS_ON: Final = "by calibrated confidence alone"


@dataclass(frozen=True)
class Expected:
    """The expected accuracy of a run."""

    value: float | None  # share of labels that are right; None: withheld
    n: int  # pictures that the model gave a label
    withheld: str | None = None  # why there is no value

    def to_json(self) -> dict[str, Any]:
        """The field `expected` of a manifest."""
        why = {"rests_on": RESTS_ON} if self.withheld is None else {"withheld": self.withheld}
        return {"value": self.value, "n": self.n, **why}

    @classmethod
    def from_json(cls, form: JsonObject) -> "Expected":
        """What `to_json` wrote; raises ValueError for anything else."""
        value = form.optional(form.number, "value")
        return cls(value, form.count("n"), None if value is not None else form.text("withheld"))


def expected(counts: RunCounts, limit: float | None, from_card: Drift | None) -> Expected:
    """That of the pictures of `counts`.

    `limit` is the drift from the card's pictures (`from_card`) up to which the model's confidences
    are known to be right on the whole; None: the card does not say so.
    """
    n, millionths = counts.profile.n, counts.confidence_millionths
    why = _doubt(limit, from_card)
    if why or millionths is None:
        return Expected(None, n, why or "a part of the run has no sum of its confidences")
    return Expected(round(millionths / MILLION / n, DECIMALS), n)


def _doubt(limit: float | None, from_card: Drift | None) -> str | None:
    """Why nothing is to be expected; None: something is."""
    if limit is None:
        return "the model's card does not say how far its confidence is calibrated"
    if from_card is None:
        return "drift from the model's card can't be measured"
    if from_card.psi is None:
        return from_card.furthest()[1]
    index = from_card.psi["confidence"]
    if index > limit:
        return f"the confidences are {index:.2f} from those of the model's card, above {limit:g}"
    return None
