"""The training of the ink network, by the clock or by steps; a killed one goes on where it was."""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, NamedTuple

import keras
import numpy as np

from batch_predict.normalize.letterbox import LARGE, SMALL

from .batch_norm import BatchNorm
from .checkpoint import Progress, load_checkpoint
from .clock import NO_END, Clock, Row
from .data import Dataset
from .history import append_row
from .ink_judge import answers, figures
from .ink_lesson import Lesson
from .ink_network import ink
from .ink_pool import SIDES, Batch, Pool, Renderer
from .machine import accelerated, quickest_policy
from .schedule import share

RATE: Final = 3e-3  # of learning, at the top of the cosine
SETTLED: Final = 0.8  # share of a training after which the moving statistics stay as they are
DECAY: Final = 0.01  # of the weights
LONGEST_GRADIENT: Final = 1.0  # norm of all of it together
SMALL_A_LARGE: Final = 2  # small pictures in their batches for each large one in its own
VALIDATING: Final = {LARGE: 512, SMALL: 256}  # pictures that validate
FIRST: Final = 4  # batches' worth of pictures before training begins
THREADS: Final = 4  # that copy pictures of the pool into batches
AHEAD: Final = 8  # batches


@dataclass(frozen=True)
class Recipe:
    """What a training of the ink network can be asked for.

    It ends after `seconds` or after `steps`, of which one is 0.
    """

    seed: int
    seconds: float
    steps: int
    batch: int  # large pictures of a batch; of small ones it has SMALL_A_LARGE times as many
    workers: int  # processes that render
    memory_gib: float  # for rendered pictures


class FittedInk(NamedTuple):
    """The averaged network, unfolded, float32, and how it came about."""

    network: keras.Model
    held: dict[int, Batch]
    progress: Progress


def fit_ink(recipe: Recipe, data: Dataset, folder: str) -> FittedInk:
    """Train until the recipe's end, from the checkpoint in `folder` if there is one.

    Its time includes that of the first pictures and of compilation.
    """
    keras.utils.set_random_seed(recipe.seed)
    lesson = new_lesson(recipe.seed)
    progress = load_checkpoint(folder, lesson) or Progress()
    renderer = Renderer(data, recipe.seed, recipe.workers, recipe.memory_gib, progress.chunks)
    try:
        clock = _Clock(recipe, progress, renderer, folder)
        if share(progress, recipe.seconds, recipe.steps) < 1:
            _fit(lesson, clock)
    finally:
        renderer.close()
    lesson.averaged_into(clock.averaged)
    return FittedInk(clock.averaged, clock.held, progress)


def _fit(lesson: Lesson, clock: "_Clock") -> None:
    recipe, pools = clock.recipe, clock.renderer.pools
    sizes = {LARGE: recipe.batch, SMALL: SMALL_A_LARGE * recipe.batch}
    clock.renderer.start()
    clock.renderer.wait({side: FIRST * size for side, size in sizes.items()})
    with ThreadPoolExecutor(THREADS) as threads:
        lesson.fit(
            _batches(pools, sizes, recipe.seed, clock.progress.steps, threads),
            steps_per_epoch=clock.steps_an_epoch,
            epochs=NO_END,
            callbacks=[clock],
            shuffle=False,  # the stream is drawn at random
            verbose=0,
        )


def usual_batch() -> int:
    """Large pictures of a batch, where nobody asks for more or fewer."""
    return 256 if accelerated() else 16


def new_lesson(seed: int) -> Lesson:
    """A lesson for a new network, compiled."""
    lesson = Lesson(ink(dtype=quickest_policy()), seed)
    lesson.learn_by(
        keras.optimizers.AdamW(RATE, weight_decay=DECAY, global_clipnorm=LONGEST_GRADIENT)
    )
    return lesson


def _batches(
    pools: dict[int, Pool],
    sizes: dict[int, int],
    seed: int,
    first: int,
    threads: ThreadPoolExecutor,
) -> Iterator[tuple[dict[str, Any]]]:
    """Batches without end, large and small ones in turn, made ahead of their use."""
    made: deque[Future[Batch]] = deque()
    for number in count(first):
        side = SIDES[number % len(SIDES)]
        rng = np.random.default_rng((seed, number))
        made.append(threads.submit(pools[side].batch, rng, sizes[side]))
        if len(made) > AHEAD:
            batch = made.popleft().result()
            yield ({"planes": batch.planes, "labels": batch.labels},)


class _Clock(Clock):
    """See `Clock`: a line of history for each epoch, of validation at each checkpoint."""

    def __init__(self, recipe: Recipe, progress: Progress, renderer: Renderer, folder: str) -> None:
        length, steps = (recipe.seconds, recipe.steps), 50 if accelerated() else 4
        super().__init__(length, progress, folder, steps, RATE)
        self.recipe, self.renderer = recipe, renderer
        self.averaged = ink()
        self.held = renderer.held_out(VALIDATING)
        self._rendered = progress.rendered

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        """The rate, and whether statistics still move."""
        super().on_epoch_begin(epoch, logs)
        if self.share >= SETTLED:
            for layer in self.model.network.layers:
                if isinstance(layer, BatchNorm):
                    layer.settled.assign(1.0)

    def count(self) -> Row:
        """See `Clock`."""
        progress, pools = self.progress, self.renderer.pools
        progress.pictures += self.steps_an_epoch * self.recipe.batch * (1 + SMALL_A_LARGE) // 2
        progress.rendered = self._rendered + sum(pool.received for pool in pools.values())
        progress.chunks = self.renderer.chunks
        return {"pictures": progress.pictures, "rendered": progress.rendered}

    def note(self, row: Row) -> None:
        """A line of history."""
        append_row(os.path.join(self.folder, "history.csv"), row)

    def judge(self, row: Row) -> None:
        """A line of figures for each side."""
        print(" ".join(f"{name} {value}" for name, value in row.items()), flush=True)
        self.model.averaged_into(self.averaged)
        for side, held in self.held.items():
            found = figures(answers(self.averaged, held), held)
            line = {"seconds": row["seconds"], "steps": row["steps"], "side": side, **found}
            append_row(os.path.join(self.folder, "validation.csv"), line)
            print(" ".join(f"{name} {value}" for name, value in line.items()), flush=True)
        if self.renderer.error:
            print(f"rendering ended: {self.renderer.error!r}", flush=True)
