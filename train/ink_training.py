"""The training of the ink network, by the clock or by steps; a killed one goes on where it was."""

import os
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any, Final, NamedTuple

import keras
import numpy as np

from batch_predict.normalize.letterbox import LARGE, SMALL
from train.batch_norm import BatchNorm
from train.checkpoint import Progress, load_checkpoint, save_checkpoint
from train.data import Dataset
from train.history import append_row
from train.ink_judge import answers, figures
from train.ink_lesson import Lesson
from train.ink_network import ink
from train.ink_pool import SIDES, Batch, Pool, Renderer
from train.machine import accelerated
from train.schedule import rate, share

RATE: Final = 3e-3  # of learning, at the top of the cosine
SETTLED: Final = 0.8  # share of a training after which the moving statistics stay as they are
DECAY: Final = 0.01  # of the weights
LONGEST_GRADIENT: Final = 1.0  # norm of all of it together
SMALL_A_LARGE: Final = 2  # small pictures in their batches for each large one in its own
VALIDATING: Final = {LARGE: 512, SMALL: 256}  # pictures that validate
FIRST: Final = 4  # batches' worth of pictures before training begins
THREADS: Final = 4  # that copy pictures of the pool into batches
AHEAD: Final = 8  # batches
CHECKPOINT_S: Final = 60
NO_END: Final = 2**31  # epochs: the clock ends a training


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
            steps_per_epoch=clock.steps,
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
    slow = keras.backend.backend() == "jax" and not accelerated()  # XLA's bfloat16 on a CPU
    lesson = Lesson(ink(dtype="float32" if slow else "mixed_bfloat16"), seed)
    optimizer = keras.optimizers.AdamW(RATE, weight_decay=DECAY, global_clipnorm=LONGEST_GRADIENT)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    optimizer.build(lesson.trainable_variables)
    lesson.compile(optimizer, jit_compile=keras.backend.backend() == "jax")
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


class _Clock(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Sets the learning rate as time goes by, and keeps, judges and ends the training.

    An "epoch" is a few steps: so long a rate holds.
    """

    def __init__(self, recipe: Recipe, progress: Progress, renderer: Renderer, folder: str) -> None:
        super().__init__()
        self._began = time.monotonic() - progress.seconds
        self.steps = 50 if accelerated() else 4
        self.recipe, self.progress, self.renderer, self.folder = recipe, progress, renderer, folder
        self.averaged = ink()
        self.held = renderer.held_out(VALIDATING)
        self._rendered = progress.rendered
        self._kept = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        """The rate, and whether statistics still move."""
        del epoch, logs
        done = share(self.progress, self.recipe.seconds, self.recipe.steps)
        self.model.optimizer.learning_rate = rate(done, RATE)
        if done >= SETTLED:
            for layer in self.model.network.layers:
                if isinstance(layer, BatchNorm):
                    layer.settled.assign(1.0)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """A line of history; now and then a checkpoint and a judgement; the end."""
        del epoch
        progress, now = self.progress, time.monotonic()
        progress.seconds = now - self._began
        progress.steps += self.steps
        progress.pictures += self.steps * self.recipe.batch * (1 + SMALL_A_LARGE) // 2
        progress.rendered = self._rendered + sum(p.received for p in self.renderer.pools.values())
        progress.chunks = self.renderer.chunks
        done = share(progress, self.recipe.seconds, self.recipe.steps) >= 1
        row = {"seconds": round(progress.seconds, 1), "steps": progress.steps}
        row |= {"pictures": progress.pictures, "rendered": progress.rendered}
        row |= {name: round(float(value), 5) for name, value in (logs or {}).items()}
        append_row(os.path.join(self.folder, "history.csv"), row)
        if done or now - self._kept >= CHECKPOINT_S:
            self._kept = now
            save_checkpoint(self.folder, self.model, progress)
            self._judge(row)
            if self.renderer.error:
                print(f"rendering ended: {self.renderer.error!r}", flush=True)
        self.model.stop_training = done

    def _judge(self, row: dict[str, float]) -> None:
        """Validate the averaged weights: a line of figures for each side."""
        print(" ".join(f"{name} {value}" for name, value in row.items()), flush=True)
        self.model.averaged_into(self.averaged)
        for side, held in self.held.items():
            found = figures(answers(self.averaged, held), held)
            line = {"seconds": row["seconds"], "steps": row["steps"], "side": side, **found}
            append_row(os.path.join(self.folder, "validation.csv"), line)
            print(" ".join(f"{name} {value}" for name, value in line.items()), flush=True)
