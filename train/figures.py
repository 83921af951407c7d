"""What a training draws: its learning curve, and the test pictures that a model gets wrong."""

import os
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from batch_predict.manifest.own_marks import GENERATOR

from .data import Pictures

COLUMNS: Final = 8
#: places in MNIST's test set whose label most of five people did not confirm: Northcutt, Athalye
#: and Mueller 2021, "Pervasive label errors in test sets" (github.com/cleanlab/label-errors)
DOUBTED: Final = frozenset(
    (947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729)
)


def draw_curve(folder: str) -> None:
    """`folder`/history.csv -> `folder`/curve.png."""
    history = pd.read_csv(os.path.join(folder, "history.csv"))
    figure = Figure(figsize=(10, 4), layout="constrained")
    losses, accuracies = figure.subplots(1, 2)
    for axes, measure in ((losses, "loss"), (accuracies, "accuracy")):
        axes.plot(history["epoch"] + 1, history[measure], label="training")
        axes.plot(history["epoch"] + 1, history[f"val_{measure}"], label="validation")
        axes.set(xlabel="epoch", ylabel=measure)
        axes.legend()
    losses.set_yscale("log")
    figure.savefig(os.path.join(folder, "curve.png"), dpi=100)


def draw_errors(probabilities: NDArray[np.float32], test: Pictures, path: str) -> None:
    """A PNG at `path`: each wrong picture with its place, label, answer and confidence.

    Those whose label is known to be doubted are framed in red.
    """
    answers = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(answers != test.labels).tolist()
    rows = max(1, -(-len(wrong) // COLUMNS))
    figure = Figure(figsize=(1.4 * COLUMNS, 1.6 * rows), layout="constrained")
    grid = figure.subplots(rows, COLUMNS, squeeze=False)
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[], frame_on=False)
    for place, axes in zip(wrong, grid.flat, strict=False):
        axes.imshow(test.pixels[place], cmap="gray_r")
        said = f"{test.labels[place]}, read as {answers[place]}"
        axes.set_title(f"{place}: {said}\n{probabilities[place].max():.2f}", fontsize=7)
        axes.set_frame_on(place in DOUBTED)
        axes.spines[:].set(color="red", linewidth=3)
    figure.savefig(path, dpi=80, metadata={"Software": GENERATOR})  # the next one may replace it
