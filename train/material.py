"""What a compact network is trained on besides MNIST: spoilt digits, drawn ones, and no digits.

All of it goes through the job's own normalizer, so that the network sees what the job will show it.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Final

import numpy as np

from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.pipeline import normalize
from batch_predict.opencv import cv2
from batch_predict.records import SIDE, Blank, ImageRef, Picture, Prepared
from train.data import Pictures
from train.marking import marker
from train.sources import SOURCES

PROCESSES: Final = 2
CHUNK: Final = 500  # pictures of one task
_NOWHERE: Final = ImageRef("")


def build(mnist: Pictures, seed: int, scale: float = 1.0) -> dict[str, Pictures]:
    """Every source's pictures, normalized, the blank ones left out; `scale` times the counts."""
    tasks = list(_tasks(seed, scale))
    context = get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, context, _start_worker, (mnist,)) as pool:
        parts = list(pool.map(_make, tasks))
    found: dict[str, list[Pictures]] = {name: [] for name in SOURCES}
    for (name, _, _), part in zip(tasks, parts, strict=True):
        found[name].append(part)
    return {name: Pictures(*map(np.concatenate, zip(*p, strict=True))) for name, p in found.items()}


def saved_material(path: str, mnist: Pictures, seed: int) -> dict[str, Pictures]:
    """What `build` gives, from the file at `path` if a killed training left it there."""
    if not os.path.exists(path):
        arrays = {
            f"{name} {field}": array
            for name, pictures in build(mnist, seed).items()
            for field, array in pictures._asdict().items()
        }
        np.savez(path + ".part.npz", **arrays)
        os.replace(path + ".part.npz", path)
    with np.load(path) as saved:
        return {n: Pictures(saved[f"{n} pixels"], saved[f"{n} labels"]) for n in SOURCES}


def _tasks(seed: int, scale: float) -> Iterator[tuple[str, tuple[int, int, int], int]]:
    """Name, seed and size of each chunk: the same pictures, whichever process makes them."""
    for number, (name, source) in enumerate(SOURCES.items()):
        count = round(source.pictures * scale)
        for chunk in range(0, count, CHUNK):
            yield name, (seed, number, chunk), min(CHUNK, count - chunk)


_mnist: Pictures


def _start_worker(mnist: Pictures) -> None:
    global _mnist  # noqa: PLW0603 - sent once to each process, not with each task
    _mnist = mnist
    cv2.setNumThreads(1)


def _make(task: tuple[str, tuple[int, int, int], int]) -> Pictures:
    name, seed, count = task
    rng = np.random.default_rng(seed)
    pixels, labels = [], []
    for _ in range(count):
        drawn_pixels, label = SOURCES[name].draw(rng, _mnist)
        picture = Picture(_NOWHERE, drawn_pixels)
        prepared = _prepared(picture)
        if isinstance(prepared, Prepared):
            pixels.append(prepared.pixels)
            labels.append(label)
        elif name == "corrupted":  # blank to the normalizer; `--preprocess plain` shows it as it is
            pixels.append(drawn_pixels)
            labels.append(label)
    stacked = np.array(pixels, np.uint8).reshape(-1, SIDE, SIDE)
    return Pictures(stacked, np.array(labels, np.uint8))


def _prepared(picture: Picture) -> Prepared | Blank:
    item = normalize(picture, Preprocess.AUTO, Polarity.AUTO)
    return item if isinstance(item, Prepared) else marker().read([item])[0]
