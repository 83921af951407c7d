"""Runs whose errors are known, and audits of them without number: for coverage."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.audit.interval import interval
from batch_predict.audit.sequence import anytime_interval
from batch_predict.audit.strata import allocate

SHARES: Final = np.array([0.03, 0.02, 0.02, 0.05, 0.18, 0.70])  # review, blank, ok by confidence
EXPECTED: Final = np.array([0.3, 0.02, 0.06, 0.02, 0.006, 0.001])  # what confidence says
#: where the errors are in truth, in relation to each other
KINDS: Final = {
    "where expected": EXPECTED,
    "everywhere alike": np.ones(6),
    "all among the surest": np.array([0, 0, 0, 0, 0, 1.0]),
    "all in the queue": np.array([1.0, 0, 0.3, 0, 0, 0]),
    "all in one stratum": np.array([0, 0, 0, 0, 1.0, 0]),
    "ten times as many as expected": np.array([0.3, 0.02, 0.06, 0.02, 0.02, 0.01]),
}
NUMBERS: Final = (50, 100, 200, 400, 1_000, 2_000)
ACCURACIES: Final = (0.9, 0.95, 0.99, 0.995, 0.999, 0.9995)
FEW: Final = 100  # below, `ok` is one stratum, as `stratify` has it


class Run(NamedTuple):
    """The strata of a run, all (h,)."""

    sizes: NDArray[np.int64]
    wrong: NDArray[np.int64]
    drawn: NDArray[np.int64]
    expected: NDArray[np.float64]

    @property
    def error(self) -> float:
        return float(self.wrong.sum() / self.sizes.sum())


def run_of(kind: str, accuracy: float, number: int, rows: int = 20_000) -> Run:
    """A run of `rows` that is audited with `number` pictures."""
    sizes = (SHARES * rows).astype(np.int64)
    where = KINDS[kind]
    error = np.minimum(where * (1 - accuracy) * sizes.sum() / (where @ sizes), 1)
    wrong = np.round(error * sizes).astype(np.int64)
    expected = EXPECTED
    if number < FEW:
        merged = [0, 1, 2]
        expected = np.append(expected[:2], sizes[2:] @ expected[2:] / sizes[2:].sum())
        sizes, wrong = np.add.reduceat(sizes, merged), np.add.reduceat(wrong, merged)
    return Run(sizes, wrong, allocate(sizes, expected, number), expected)


def coverage(run: Run, audits: int, seed: int = 1) -> tuple[float, float]:
    """How often the interval of the error holds it, and its mean width."""
    random = np.random.default_rng(seed)
    right = run.sizes - run.wrong
    found = random.hypergeometric(run.wrong, right, run.drawn, (audits, len(run.sizes)))
    outcomes, inverse = np.unique(found, axis=0, return_inverse=True)
    low, high = interval(outcomes, outcomes, run.drawn, run.sizes)
    holds = (low <= run.error + 1e-12) & (run.error - 1e-12 <= high)
    return float(holds[inverse].mean()), float((high - low)[inverse].mean())


def coverage_when_stopped(run: Run, audits: int, seed: int = 1) -> tuple[float, float, float]:
    """How often an interval holds the error at every number of answers, from 20 to all.

    First the one that is valid at any time, with its width at the end, then the fixed one.
    """
    random = np.random.default_rng(seed)
    stratum = np.repeat(np.arange(len(run.sizes)), run.drawn)
    held, held_fixed, width = 0, 0, 0.0
    for _ in range(audits):
        wrong = [
            random.permutation(np.arange(size) < bad)[:n]
            for size, bad, n in zip(run.sizes, run.wrong, run.drawn, strict=True)
        ]
        order = random.permutation(len(stratum))
        is_in = stratum[order, None] == np.arange(len(run.sizes))
        drawn = np.cumsum(is_in, axis=0)[19:]
        events = np.cumsum(is_in & np.concatenate(wrong)[order, None], axis=0)[19:]
        low, high = anytime_interval(events, events, drawn, run.sizes, run.expected)
        held += bool(((low <= run.error + 1e-12) & (run.error - 1e-12 <= high)).all())
        width += float(high[-1] - low[-1]) / audits
        low, high = interval(events, events, drawn, run.sizes)
        held_fixed += bool(((low <= run.error + 1e-12) & (run.error - 1e-12 <= high)).all())
    return held / audits, width, held_fixed / audits
