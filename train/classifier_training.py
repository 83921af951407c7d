"""The training of a classifier, by the clock or by steps; a killed one goes on where it was."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import keras
import numpy as np

from batch_predict.records import PIXEL_MAX
from batch_predict.runtimes.keras_runtime import load_network
from batch_predict.runtimes.model_file import find_model

from .checkpoint import Progress, load_checkpoint
from .classifier_batches import BATCH, Batches, Source, shares_of
from .classifier_lesson import ClassifierLesson, ScannedLesson
from .classifier_stream import makers, stream
from .clock import NO_END, Clock, Row
from .data import Pictures
from .export import unfold
from .history import append_row
from .machine import accelerated, quickest_policy, scans
from .predict import predict
from .registry import build
from .schedule import share
from .teachers import Teachers

RATE: Final = 2e-3  # of learning, at the top of the cosine
RATE_AGAIN: Final = 1e-3  # for weights that were trained before
DECAY: Final = 0.02  # of the weights
STEPS: Final = 40  # of an epoch: so long a rate holds
STEPS_ACCELERATED: Final = 400  # the same on a GPU or TPU, in about the same time
AT_ONCE: Final = 8  # batches of one call, where steps are scanned: it divides STEPS_ACCELERATED
STATISTICS: Final = 8  # batches, whose means and variances weights begin with that were folded


@dataclass(frozen=True)
class Recipe:
    """What a training of a classifier can be asked for.

    It ends after `seconds` or after `steps`, of which one is 0.
    """

    network: str
    seed: int
    seconds: float
    steps: int
    ink: str  # path of the ONNX file of the network that marks the ink of what it is trained on
    readings: float = 1.0  # of the usual number of rendered pictures
    workers: int = 2  # processes that render, and on a GPU or TPU make batches
    start: str = ""  # path of a model of the same network, from whose weights it begins
    teachers: tuple[str, ...] = ()  # paths of models; their mean answer teaches
    kept: int = 0  # batches that are made, then shown again and again; 0: each is a new one
    pool: str = ""  # folder of the rendered pictures' readings; "": that of the training

    @property
    def rate(self) -> float:
        """The top of its learning rate."""
        return RATE_AGAIN if self.start else RATE


class FittedClassifier(NamedTuple):
    """The averaged network, which gives logits, unfolded, float32; and how far it came."""

    network: keras.Model
    progress: Progress


def fit_classifier(
    recipe: Recipe,
    sources: Mapping[str, Source],
    held: Mapping[str, Pictures],
    folder: str,
) -> FittedClassifier:
    """Train on `sources`, as `Batches` takes them, from the checkpoint in `folder` if there is
    one. `held` validates: its figures are in `folder`/history.csv.

    Raises:
        UsageError: the model to begin with is of another network.
    """
    keras.utils.set_random_seed(recipe.seed)
    keras.config.set_dtype_policy(quickest_policy())
    network = build(recipe.network)
    keras.config.set_dtype_policy("float32")
    averaged = build(recipe.network)
    if recipe.start:
        _begin(averaged, recipe, sources)
        network.set_weights(averaged.get_weights())
    teachers = Teachers([load_network(find_model(path), BATCH) for path in recipe.teachers])
    at_once = AT_ONCE if scans() else 1
    lesson = (ScannedLesson if at_once > 1 else ClassifierLesson)(network)
    lesson.learn_by(keras.optimizers.AdamW(recipe.rate, weight_decay=DECAY))
    progress = load_checkpoint(folder, lesson) or Progress()
    if share(progress, recipe.seconds, recipe.steps) < 1:
        batches = Batches(sources, recipe.seed, shares_of(recipe.network))
        processes = recipe.workers if accelerated() else 0
        clock = _Clock(recipe, progress, averaged, held, folder)
        with makers(batches, teachers, at_once, processes) as make:
            lesson.fit(
                stream(make, progress.steps // at_once, -(-recipe.kept // at_once)),
                steps_per_epoch=clock.steps_an_epoch // at_once,
                epochs=NO_END,
                callbacks=[clock],
                shuffle=False,
                verbose=0,
            )
    lesson.averaged_into(averaged)
    return FittedClassifier(averaged, progress)


def _begin(network: keras.Model, recipe: Recipe, sources: Mapping[str, Source]) -> None:
    """Give `network` the weights of the recipe's start."""
    start = load_network(find_model(recipe.start), BATCH).network
    batches = Batches(sources, recipe.seed)
    shown = np.concatenate([batches[number]["pixels"] for number in range(STATISTICS)])
    unfold(start, network, (shown[..., None] / np.float32(PIXEL_MAX)).astype(np.float32))


class _Clock(Clock):
    """See `Clock`: a line of history at each checkpoint."""

    def __init__(
        self,
        recipe: Recipe,
        progress: Progress,
        averaged: keras.Model,
        held: Mapping[str, Pictures],
        folder: str,
    ) -> None:
        length, steps = (
            (recipe.seconds, recipe.steps),
            STEPS_ACCELERATED if accelerated() else STEPS,
        )
        super().__init__(length, progress, folder, steps, recipe.rate)
        self.averaged, self.held = averaged, held

    def count(self) -> Row:
        """See `Clock`."""
        self.progress.pictures += self.steps_an_epoch * BATCH
        return {}

    def judge(self, row: Row) -> None:
        """A line of figures."""
        self.model.averaged_into(self.averaged)
        for group, pictures in self.held.items():
            for name, value in figures(self.averaged, pictures).items():
                row[f"{group} {name}"] = value
        append_row(os.path.join(self.folder, "history.csv"), row)
        print(" ".join(f"{name} {value}" for name, value in row.items()), flush=True)


def figures(network: keras.Model, pictures: Pictures) -> dict[str, float]:
    """Share of right answers and mean cross-entropy of a network that gives logits."""
    logits = predict(network, pictures).astype(np.float64)
    likely = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    told = likely[np.arange(len(likely)), pictures.labels]
    right = logits.argmax(axis=1) == pictures.labels
    return {"right": round(float(right.mean()), 5), "entropy": round(float(-told.mean()), 5)}
