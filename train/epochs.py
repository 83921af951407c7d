"""Epochs of augmented pictures, made in processes of their own while the network is fitted."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import count
from multiprocessing import get_context
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2
from batch_predict.records import CLASSES, PIXEL_MAX
from train.augment import augment
from train.data import Pictures

PICTURES: Final = 61_440  # of one epoch: 240 batches of 256
PROCESSES: Final = 2
_TEACHING_BATCH: Final = 512  # pictures


class Share(NamedTuple):
    """How a kind of picture enters an epoch."""

    of_epoch: float
    hard: float  # of its pictures are spoilt by the augmentation
    taught: float  # weight of the teacher's answer in a target; the label has the rest


SHARES: Final[dict[str, Share]] = {
    "mnist": Share(0.41, 0.40, 0.8),
    "corrupted": Share(0.19, 0.08, 0.5),
    "drawn": Share(0.13, 0.40, 0.2),
    "reduced": Share(0.07, 0.10, 0.5),
    "framed": Share(0.05, 0.10, 0.5),
    "photographed": Share(0.06, 0.10, 0.8),
    "outliers": Share(0.09, 0.20, 0.0),
}


class Epoch(NamedTuple):
    """Pictures and what a network should answer to them."""

    pixels: NDArray[np.uint8]  # (n, 28, 28)
    targets: NDArray[np.float16]  # (n, 10), probabilities
    taught: NDArray[np.float16]  # (n,), the weight that a teacher's answers would have


def make_epoch(material: dict[str, Pictures], seed: int, number: int) -> Epoch:
    """Epoch `number`: the same one for the same seed."""
    rng = np.random.default_rng((seed, number))
    pixels, labels, taught = [], [], []
    for name, share in SHARES.items():
        chosen = rng.integers(len(material[name].labels), size=round(share.of_epoch * PICTURES))
        pixels.append(augment(rng, material[name].pixels[chosen], share.hard))
        labels.append(material[name].labels[chosen])
        taught.append(np.full(len(chosen), share.taught, np.float16))
    order = rng.permutation(sum(map(len, labels)))
    answers = np.vstack([np.eye(CLASSES), np.full(CLASSES, 1 / CLASSES)]).astype(np.float16)
    return Epoch(
        np.concatenate(pixels)[order],
        answers[np.concatenate(labels)[order]],
        np.concatenate(taught)[order],
    )


class Epochs:
    """`distinct` epochs, again and again, labelled by the mean answer of `teachers`, if any."""

    def __init__(
        self, material: dict[str, Pictures], seed: int, distinct: int, teachers: Sequence[str]
    ) -> None:
        self.distinct = distinct
        self._pool = ProcessPoolExecutor(
            PROCESSES, get_context("spawn"), _start_worker, (material, seed, teachers)
        )
        self._made: list[Future[Epoch]] = []

    def batches(self, size: int) -> Iterator[tuple[Any, Any]]:
        """Inputs (size, 28, 28, 1) and targets (size, 10), float32, without end."""
        for number in count():
            epoch = self._get(number)
            for start in range(0, len(epoch.pixels) - size + 1, size):
                pixels = epoch.pixels[start : start + size, :, :, None]
                targets = epoch.targets[start : start + size]
                yield pixels / np.float32(PIXEL_MAX), targets.astype(np.float32)

    def _get(self, number: int) -> Epoch:
        """Waits for epoch `number`, with the next ones under way."""
        while len(self._made) < min(number + 1 + PROCESSES, self.distinct):
            self._made.append(self._pool.submit(_make, len(self._made)))
        return self._made[number % self.distinct].result()

    def close(self) -> None:
        """End the process."""
        self._pool.shutdown(cancel_futures=True)


_state: tuple[dict[str, Pictures], int, Any]


def _start_worker(material: dict[str, Pictures], seed: int, teachers: Sequence[str]) -> None:
    global _state  # noqa: PLW0603 - sent once, not with each epoch
    cv2.setNumThreads(1)
    models = []
    if teachers:
        os.environ["TF_SET_ONEDNN_FPMATH_MODE"] = "BF16"  # soft labels need no more
        from batch_predict.runtimes.keras_runtime import load_network
        from batch_predict.runtimes.model_file import find_model

        models = [load_network(find_model(path), _TEACHING_BATCH) for path in teachers]
    _state = (material, seed, models)


def _make(number: int) -> Epoch:
    material, seed, models = _state
    epoch = make_epoch(material, seed, number)
    if not models:
        return epoch
    pictures = Pictures(epoch.pixels, np.zeros(len(epoch.pixels), np.uint8))
    answers = np.mean(
        [
            each.network.predict(pictures.inputs(each.scale), batch_size=_TEACHING_BATCH, verbose=0)
            for each in models
        ],
        axis=0,
    )
    weight = epoch.taught[:, None].astype(np.float32)
    mixed = weight * answers + (1 - weight) * epoch.targets
    return epoch._replace(targets=mixed.astype(np.float16))
