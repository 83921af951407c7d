"""CSV rows made up for the tests of evaluation and report."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from batch_predict.evaluate.evaluation import Grouping, Scored
from batch_predict.records import CLASSES
from batch_predict.rows import NONE, STATUSES

HEADER = ("path", "label", "confidence", "status", "reason", "truth")


def scored(
    truth: Sequence[int],
    label: Sequence[int],
    confidence: Sequence[float] | None = None,
    probabilities: NDArray[np.float32] | None = None,
) -> Scored:
    """Columns for evaluate; -1 is none, and a row without a label is `failed`."""
    labels = np.array(label, np.int8)
    status = np.where(labels == NONE, STATUSES.index("failed"), 0).astype(np.int8)  # type: ignore[arg-type]
    sure = np.full(len(labels), 0.9) if confidence is None else np.array(confidence)
    sure = np.where(labels == NONE, np.nan, sure).astype(np.float32)
    return Scored(labels, sure, status, np.array(truth, np.int8), labels, probabilities)


def drawn(
    n: int, seed: int = 0, sharpness: float = 2.0
) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Truths (n,) drawn from probabilities (n, 10): these are calibrated by construction."""
    rng = np.random.default_rng(seed)
    probabilities = np.exp(sharpness * rng.standard_normal((n, CLASSES)))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    below = probabilities.cumsum(axis=1) < rng.random((n, 1))
    return below.sum(axis=1).clip(max=CLASSES - 1).astype(np.int8), probabilities


def write_csv(
    path: Path,
    truth: Sequence[int],
    probabilities: NDArray[np.float64],
    names: Sequence[str] | None = None,
    *,
    columns: bool = True,
) -> Path:
    """A CSV as the job writes it, in the order given; with p0 to p9 where `columns`."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*HEADER, *(f"p{d}" for d in range(CLASSES) if columns)])
        for at, (stated, ten) in enumerate(zip(truth, probabilities, strict=True)):
            name = names[at] if names else f"{stated}/{at:07d}.png"
            label = int(ten.argmax())
            written = [f"{p:.6f}" for p in ten]
            row = [name, label, written[label], "ok", "", stated]
            writer.writerow([*row, *(written if columns else ())])
    return path


def members(grouping: Grouping | None) -> list[str]:
    """The group of each row."""
    return [] if grouping is None else [grouping.names[code] for code in grouping.codes]
