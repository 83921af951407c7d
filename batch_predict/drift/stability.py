"""How far a run's profile is from a baseline: the population stability index."""

from collections.abc import Callable, Mapping
from functools import partial
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
    ways: dict[str, str] | None = None  # by histogram, which way; None: as `psi`, or of 1.0.0

    def furthest(self) -> tuple[float, str]:
        """The largest index, and in words which it is."""
        if self.psi is None:
            labels = "1 picture with a label is" if self.n == 1 else f"{self.n} with a label are"
            return 0.0, f"{labels} too few to judge drift by"
        name, index = max(self.psi.items(), key=lambda item: item[1])
        way = f": {self.ways[name]}" if self.ways else ""
        return index, f"drift {index:.2f} ({name}{way}) from {self.baseline}"


def drift(run: Profile, baseline: Baseline) -> Drift:
    """How far `run` is from `baseline`."""
    if min(run.n, baseline.profile.n) < SMALLEST:
        return Drift(baseline.name, run.n, None)
    pairs = list(zip(run._fields, run, baseline.profile, strict=True))
    return Drift(
        baseline.name,
        run.n,
        {name: stability_index(a, b) for name, a, b in pairs},
        {name: _WAYS[name](a, b) for name, a, b in pairs},
    )


def _more_of(a: Histogram, b: Histogram) -> str:
    """The digit whose share has grown most from `b` to `a`."""
    n, m = sum(a.values()), sum(b.values())
    return f"more {max(a, key=lambda digit: a[digit] / n - b[digit] / m)}s"


def _higher(a: Histogram, b: Histogram, *, more: str, less: str) -> str:
    """Whether the values of `a` lie above those of `b`, by the bins that they fall into."""
    means = (sum(at * h[key] for at, key in enumerate(h)) / sum(h.values()) for h in (a, b))
    return more if next(means) > next(means) else less


#: of each histogram, which way a run's lies from a baseline's, in words
_WAYS: Final[Mapping[str, Callable[[Histogram, Histogram], str]]] = {
    "digits": _more_of,
    "confidence": partial(_higher, more="more sure", less="less sure"),
    "ink": partial(_higher, more="more ink", less="less ink"),
}


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
