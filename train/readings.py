"""Readings to train on: rendered pictures, marked by the ink network and brought to 28x28 as the
job does it, so that a classifier learns from what the job will show it."""

import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.errors import UsageError
from batch_predict.normalize.letterbox import letterbox, on_zeros, side_of
from batch_predict.normalize.map_reading import read_maps
from batch_predict.opencv import cv2
from batch_predict.records import INK_CLASSES, SIDE
from batch_predict.runtimes.ink import quantized
from batch_predict.storage.staging import sha256
from train.data import Pictures
from train.pictures import kinds
from train.pictures.sample import INK, Sample

MADE_FROM: Final = "made_from.json"
CHUNK: Final = 250  # pictures of one task: 1 to 5 s of work on one core

Rng = np.random.Generator


class Group(NamedTuple):
    """Kinds of picture that are drawn together, and how many pictures of them are rendered."""

    kinds: Mapping[str, kinds.Kind]
    pictures: int


GROUPS: Final[Mapping[str, Group]] = {
    "large": Group(kinds.LARGE, 24_000),
    "small": Group(kinds.SMALL, 60_000),
    "spoilt": Group({"spoilt": kinds.SMALL["spoilt"]}, 12_000),
    "signs": Group({"sign": kinds.SMALL["sign"]}, 6_000),
}


class Readings(NamedTuple):
    """What was read of pictures, and what was there."""

    pixels: NDArray[np.uint8]  # (n, 28, 28), light on zero
    labels: NDArray[np.uint8]  # (n,), of the pictures: 0 to 9, EMPTY or OTHER
    whole: NDArray[np.float32]  # (n,), how much of the digit was read and nothing else, 0 to 1
    head: NDArray[np.float32]  # (n, 12), what the ink network calls them: ten digits, EMPTY, OTHER
    kinds: NDArray[np.str_]  # (n,), the pictures' kinds

    def at(self, places: NDArray[np.intp] | NDArray[np.bool_]) -> "Readings":
        """Those at `places`."""
        return Readings._make(array[places] for array in self)


class _Read(NamedTuple):
    """One picture's row in `Readings`."""

    pixels: NDArray[np.uint8]
    label: int
    whole: float
    head: NDArray[np.float32]
    kind: str


def _table(rows: list[_Read]) -> Readings:
    return Readings(
        np.array([row.pixels for row in rows], np.uint8).reshape(-1, SIDE, SIDE),
        np.array([row.label for row in rows], np.uint8),
        np.array([row.whole for row in rows], np.float32),
        np.array([row.head for row in rows], np.float32).reshape(-1, INK_CLASSES),
        np.array([row.kind for row in rows], np.str_),
    )


def concatenated(parts: list[Readings]) -> Readings:
    """All of `parts`, one after the other."""
    return Readings._make(map(np.concatenate, zip(*parts, strict=True)))


def read_rendered(
    folder: str,
    mnist: Pictures,
    ink: str,
    seed: int,
    pictures: Mapping[str, int],
    workers: int,
) -> dict[str, Readings]:
    """Readings of rendered pictures of `mnist`'s digits, as many of each of GROUPS as `pictures`.

    `ink` is the ONNX file of the network that marks the ink. `folder` keeps what is read, chunk by
    chunk, so that what was killed goes on. What a chunk holds depends on `seed` and its number.
    Pictures on which nothing is read are left out.

    Raises:
        UsageError: `folder` holds readings by another network, of other digits or of another seed.
    """
    os.makedirs(folder, exist_ok=True)
    _check_same(folder, {"ink": sha256(ink), "digits": _sha256(mnist), "seed": seed})
    tasks = list(_tasks(folder, seed, pictures))
    missing = [task for task in tasks if not os.path.exists(task.path)]
    if missing:
        context = get_context("spawn")
        with ProcessPoolExecutor(workers, context, _start_worker, (mnist, ink)) as pool:
            for _ in pool.map(_make, missing):
                pass
    found: dict[str, list[Readings]] = {}
    for task in tasks:
        with np.load(task.path) as kept:
            found.setdefault(task.group, []).append(
                Readings._make(kept[field] for field in Readings._fields)
            )
    return {group: concatenated(parts) for group, parts in found.items()}


def _check_same(folder: str, made_from: Mapping[str, str | int]) -> None:
    """What the readings in `folder` are made from is kept beside them."""
    path = os.path.join(folder, MADE_FROM)
    if not os.path.exists(path):
        with open(f"{path}.part", "w", encoding="utf-8") as file:
            json.dump(made_from, file)
        os.replace(f"{path}.part", path)
    with open(path, encoding="utf-8") as file:
        if json.load(file) != made_from:
            raise UsageError(
                f"{folder} holds readings by another ink network, of other digits or another seed:"
                " name another folder, or remove it"
            )


def _sha256(mnist: Pictures) -> str:
    digest = hashlib.sha256()
    for array in mnist:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


class _Task(NamedTuple):
    group: str
    seed: tuple[int, int, int]
    size: int  # pictures
    path: str


def _tasks(folder: str, seed: int, pictures: Mapping[str, int]) -> Iterator[_Task]:
    for group, wanted in pictures.items():
        for number in range(-(-wanted // CHUNK)):
            size = min(CHUNK, wanted - number * CHUNK)
            path = os.path.join(folder, f"{group}-{number:04}.npz")
            yield _Task(group, (seed, zlib.crc32(group.encode()), number), size, path)


_mnist: Pictures
_session: Any


def _start_worker(mnist: Pictures, ink: str) -> None:
    global _mnist, _session  # noqa: PLW0603 - sent once to each process, not with each task
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    _mnist = mnist
    _session = onnxruntime.InferenceSession(ink, options, ["CPUExecutionProvider"])
    cv2.setNumThreads(1)


def _make(task: _Task) -> None:
    rng = np.random.default_rng(task.seed)
    group = GROUPS[task.group].kinds
    names = list(group)
    shares = np.array([group[name].weight for name in names])
    found = []
    for name in rng.choice(names, size=task.size, p=shares / shares.sum()):
        read = _read(group[name].draw(rng, _mnist), str(name))
        if read is not None:
            found.append(read)
    part = f"{task.path}.part"
    with open(part, "wb") as file:
        np.savez_compressed(file, **_table(found)._asdict())
    os.replace(part, task.path)


def _read(sample: Sample, kind: str) -> _Read | None:
    """None where nothing is read."""
    side = side_of(sample.pixels)
    square, box = letterbox(sample.pixels, side)
    maps, classes = _session.run(["maps", "classes"], {"pixels": square[None].astype(np.float32)})
    (marked,) = quantized(maps)
    reading = read_maps(box.cut(marked))
    if reading is None:
        return None
    whole = _whole(marked, on_zeros(sample.maps, side))
    return _Read(reading.pixels, sample.label, whole, classes[0], kind)


def _whole(marked: NDArray[np.uint8], truth: NDArray[np.uint8]) -> float:
    """How much of the digit's ink is marked, or of what is marked is the digit's: the lesser."""
    found, there = (each[..., INK].astype(np.float32) for each in (marked, truth))
    both = float(np.minimum(found, there).sum())
    return min(both / max(float(found.sum()), 1.0), both / max(float(there.sum()), 1.0))
