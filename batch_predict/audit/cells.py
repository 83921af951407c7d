"""The answers of an audit, stratum by stratum, for some of its pictures."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.audit.interval import LEVEL, interval, point, upper_end
from batch_predict.audit.plan import AuditPicture
from batch_predict.audit.strata import Stratum
from batch_predict.evaluate.evaluation import Mask
from batch_predict.evaluate.reliability import Interval


class Sample(NamedTuple):
    """The pictures that count as answered, and the strata that they were drawn from."""

    stratum: NDArray[np.intp]  # (k,) index into the strata
    sizes: NDArray[np.float64]  # (h,)

    @classmethod
    def of(cls, pictures: Sequence[AuditPicture], strata: Sequence[Stratum]) -> "Sample":
        """That of `pictures`, drawn from `strata`."""
        return cls(
            np.array([picture.stratum for picture in pictures], np.intp),
            np.array([stratum.size for stratum in strata], np.float64),
        )

    @property
    def drawn(self) -> NDArray[np.float64]:
        """How many pictures each stratum has among them (h,)."""
        return self.counts(np.ones(len(self.stratum), bool))

    def counts(self, mask: Mask) -> NDArray[np.float64]:
        """How many of those in `mask` (k,) each stratum has (h,)."""
        return np.bincount(self.stratum[mask], minlength=len(self.sizes)).astype(np.float64)


class Cells(NamedTuple):
    """Counts (h,) of events in a domain: between `least` and `most`, for some can't be told."""

    least: NDArray[np.float64]
    most: NDArray[np.float64]
    drawn: NDArray[np.float64]
    sizes: NDArray[np.float64]
    between: float = 0.0  # variance that comes from sizes which are estimated themselves

    @property
    def estimate(self) -> float | None:
        """The weighted share of events among what could be told; None where nothing could."""
        told = self.drawn - (self.most - self.least)
        return float(point(self.least, told, self.sizes)) if told.any() else None

    @property
    def interval(self) -> Interval:
        """Its 95% interval, over both ways in which what can't be told may be."""
        if not self.sizes.any():
            return 0.0, 1.0
        low, high = interval(self.least, self.most, self.drawn, self.sizes, self.between)
        return float(low), float(high)

    def upper_end(self, level: float = LEVEL) -> float:
        """Below which the share is with the probability `level`."""
        if not self.sizes.any():
            return 1.0
        between = self.between
        return float(upper_end(self.most, self.drawn, self.sizes, between=between, level=level))


def cells_of_strata(sample: Sample, strata: Mask, least: Mask, most: Mask) -> Cells:
    """The cells of whole `strata` (h,): their sizes are known. Events are masks (k,)."""
    return Cells(
        sample.counts(least)[strata],
        sample.counts(most)[strata],
        sample.drawn[strata],
        sample.sizes[strata],
    )


def cells_of_domain(sample: Sample, domain: Mask, least: Mask, most: Mask) -> Cells:
    """The cells of the pictures in `domain` (k,), which is known of those drawn alone.

    A ratio estimate: each stratum has as large a part of the domain as its sample says (Cochran,
    Sampling Techniques, 1977, section 5A.13), and that this is an estimate adds to the variance. A
    stratum of which nothing was drawn has the part that the others have.
    """
    drawn, inside = sample.drawn, sample.counts(domain)
    seen = drawn > 0
    n = np.maximum(drawn, 1)
    known = float(sample.sizes[seen].sum())
    share = float((sample.sizes * inside / n)[seen].sum()) / known if known else 1.0
    sizes = sample.sizes * np.where(seen, inside / n, share)
    low, high = sample.counts(domain & least), sample.counts(domain & most)
    total = float(sizes.sum())
    between = 0.0
    if total:
        p = high / np.maximum(inside, 1)
        overall = float((sizes * p)[seen].sum() / max(float(sizes[seen].sum()), 1e-9))
        left = 1 - drawn / sample.sizes
        weight = sample.sizes / n
        spread = weight**2 * inside * (1 - inside / n) * (p - overall) ** 2 * left
        between = float(spread[seen].sum()) / total**2
    return Cells(low, high, inside, sizes, between)
