"""A run's profile: what its answers look like on the whole, to be compared without any truth.

Three histograms over the pictures that got a label. A model's card holds the profile of the
pictures it was judged on (`"profile": profile_of(...)._asdict()`), a manifest that of its run.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batch_predict.records import CLASSES

#: lower edge of a bin (or a digit) -> number of pictures
Histogram: TypeAlias = dict[str, int]

#: of a calibrated model most answers lie near 1, so the bins get finer there
CONFIDENCE_EDGES: Final = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
#: deciles of MNIST's training pictures, and its tails
INK_EDGES: Final = (0.0, 0.05, 0.08, 0.095, 0.105, 0.117, 0.128, 0.14, 0.152, 0.167, 0.19, 0.25)
LARGEST_COUNT: Final = 2**53  # pictures; above it not every whole number is a float


class Profile(NamedTuple):
    """How many pictures fell where; a bin reaches from its lower edge to the next one."""

    digits: Histogram  # by label
    confidence: Histogram  # by the probability of the label
    ink: Histogram  # by the mean of the prepared pixels, in [0, 1]

    @property
    def n(self) -> int:
        """Of how many pictures."""
        return sum(self.digits.values())

    def __add__(self, other: object) -> "Profile":
        """Both taken together."""
        if not isinstance(other, Profile):
            return NotImplemented
        return Profile(*({k: a[k] + b[k] for k in a} for a, b in zip(self, other, strict=True)))


def profile_of(labels: ArrayLike, confidences: ArrayLike, ink: ArrayLike) -> Profile:
    """The profile of n pictures.

    `labels` (n,) are 0 to 9, `confidences` (n,) the probabilities of those labels, `ink` (n,) the
    means of the prepared pixels / 255.
    """
    digits = np.bincount(np.asarray(labels, np.int64), minlength=CLASSES)
    return Profile(
        {str(digit): int(count) for digit, count in enumerate(digits)},
        _histogram(np.asarray(confidences, np.float64), CONFIDENCE_EDGES),
        _histogram(np.asarray(ink, np.float64), INK_EDGES),
    )


def read_profile(form: Any) -> Profile:
    """A profile from the JSON of a card or a manifest.

    Raises:
        ValueError: it is none, or its bins are not the ones used here.
    """
    empty = profile_of([], [], [])._asdict()
    if not isinstance(form, Mapping) or form.keys() != empty.keys():
        raise ValueError("not a profile")
    for name, histogram in empty.items():
        counts = form[name]
        if not isinstance(counts, Mapping) or counts.keys() != histogram.keys():
            raise ValueError(f"its {name} histogram has other bins")
        if not all(map(is_count, counts.values())):
            raise ValueError(f"its {name} histogram holds more than counts")
    return Profile(**{name: dict(form[name]) for name in empty})


def is_count(value: object) -> TypeGuard[int]:
    """Whether `value`, of some JSON, is a number of pictures: whole, and exact as a float."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_COUNT


def _histogram(values: NDArray[np.float64], edges: tuple[float, ...]) -> Histogram:
    bins = np.searchsorted(edges, values, side="right") - 1
    counts = np.bincount(bins, minlength=len(edges))
    return {f"{edge:g}": int(count) for edge, count in zip(edges, counts, strict=True)}
