"""How far a run's profile is from a baseline: the population stability index."""

from math import log
from typing import Final, NamedTuple

from batch_predict.drift.profile import Histogram, Profile

SMALLEST: Final = 200  # pictures; fewer say too little
NOTABLE: Final = 0.2  # an index above it is said in the summary: "a significant shift" (Siddiqi)
_HALF: Final = 0.5  # of a picture is added to every bin, so that an empty one has a logarithm


class Baseline(NamedTuple):
    """A profile to compare with, and whose it is."""

    name: str
    profile: Profile


class Drift(NamedTuple):
    """How far a run of `n` pictures is from a baseline."""

    baseline: str
    n: int
    psi: dict[str, float] | None  # by histogram; None: too few pictures to judge

    def furthest(self) -> tuple[float, str]:
        """The largest index, and in words which it is."""
        if self.psi is None:
            return 0.0, f"{self.n} pictures with a label are too few to judge drift by"
        name, index = max(self.psi.items(), key=lambda item: item[1])
        return index, f"drift {index:.2f} ({name}) from {self.baseline}"


def drift(run: Profile, baseline: Baseline) -> Drift:
    """How far `run` is from `baseline`."""
    if min(run.n, baseline.profile.n) < SMALLEST:
        return Drift(baseline.name, run.n, None)
    pairs = zip(run._fields, run, baseline.profile, strict=True)
    return Drift(baseline.name, run.n, {name: stability_index(a, b) for name, a, b in pairs})


def stability_index(a: Histogram, b: Histogram) -> float:
    """The population stability index, less what chance makes of it, at least 0.

    It is the sum of (p - q) ln(p / q) over the bins (Siddiqi, Credit Risk Scorecards, 2006). Of two
    samples of n and m from one population it follows (1/n + 1/m) chi-squared with bins - 1 degrees
    of freedom (Yurdakul and Naranjo, Journal of Risk Model Validation 14, 2020); the mean of that
    is taken off, so that small runs are judged as large ones are.
    """
    n, m = sum(a.values()), sum(b.values())
    index = 0.0
    for key in a:
        p = (a[key] + _HALF) / (n + _HALF * len(a))
        q = (b[key] + _HALF) / (m + _HALF * len(b))
        index += (p - q) * log(p / q)
    return round(max(index - (len(a) - 1) * (1 / n + 1 / m), 0.0), 4)
