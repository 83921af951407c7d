"""Readings to train on: rendered pictures, marked by the ink network and brought to 28x28 in all
the ways that the job has, so that a classifier learns from what the job will show it."""

import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.errors import UsageError
from batch_predict.normalize.letterbox import letterbox, reduced, resized, side_of
from batch_predict.normalize.map_reading import RIM, read_maps
from batch_predict.normalize.mnist_form import is_mnist_form
from batch_predict.normalize.normalizer_version import NORMALIZER_VERSION
from batch_predict.normalize.readings import FAINT_RIM, SECOND_SIDE, ReadingKind, readings
from batch_predict.opencv import cv2
from batch_predict.records import INK_CLASSES, SIDE
from batch_predict.runtimes.ink import quantized
from batch_predict.storage.file_hash import file_sha256

from .corrupt import CORRUPTIONS
from .data import Pictures
from .pictures import kinds, spoilt
from .pictures.sample import INK, WRITING, Sample
from .readings import AS_THEY_ARE, Readings, Shown, concatenated, load_readings, save_readings

MADE_FROM: Final = "made_from.json"
CHUNK: Final = 250  # pictures of one task: 2 to 10 s of work on one core


class Group(NamedTuple):
    """Kinds of picture that are drawn together, and how many pictures of them are rendered."""

    kinds: Mapping[str, kinds.Kind]  # empty: MNIST's digits as they are, one after the other
    pictures: int


GROUPS: Final[Mapping[str, Group]] = {
    "large": Group(kinds.LARGE, 24_000),
    "small": Group(kinds.SMALL, 40_000),
    "spoilt": Group({"spoilt": kinds.SMALL["spoilt"]}, 12_000),
    "signs": Group({"sign": kinds.SMALL["sign"]}, 6_000),
    "mnist": Group({}, 10_000),
    "plain": Group(
        {name: kinds.Kind(1, partial(spoilt.plain, family=name)) for name in CORRUPTIONS}, 12_000
    ),
}


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

    Raises:
        UsageError: `folder` holds readings by another network or normalizer, of other digits or of
            another seed.
    """
    os.makedirs(folder, exist_ok=True)
    _check_same(
        folder,
        {
            "ink": file_sha256(ink),
            "normalizer": NORMALIZER_VERSION,
            "digits": _sha256(mnist),
            "seed": seed,
        },
    )
    tasks = list(_tasks(folder, seed, pictures))
    missing = [task for task in tasks if not os.path.exists(task.path)]
    if missing:
        context = get_context("spawn")
        with ProcessPoolExecutor(workers, context, _start_worker, (mnist, ink)) as pool:
            for _ in pool.map(_make, missing):
                pass
    found: dict[str, list[Readings]] = {}
    for task in tasks:
        found.setdefault(task.group, []).append(load_readings(task.path))
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
                f"{folder} holds readings by another ink network or normalizer, of other digits or"
                " another seed: name another folder, or remove it"
            )


def _sha256(mnist: Pictures) -> str:
    digest = hashlib.sha256()
    for array in mnist:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


class _Task(NamedTuple):
    group: str
    seed: tuple[int, int, int]
    first: int  # number of its first picture in the group
    size: int  # pictures
    path: str


def _tasks(folder: str, seed: int, pictures: Mapping[str, int]) -> Iterator[_Task]:
    for group, wanted in pictures.items():
        for number in range(-(-wanted // CHUNK)):
            first = number * CHUNK
            size = min(CHUNK, wanted - first)
            path = os.path.join(folder, f"{group}-{number:04}.npz")
            yield _Task(group, (seed, zlib.crc32(group.encode()), number), first, size, path)


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
    save_readings(task.path, _table([_marked(sample, kind) for sample, kind in _samples(task)]))


def _samples(task: _Task) -> Iterator[tuple[Sample, str]]:
    group = GROUPS[task.group].kinds
    if not group:
        for number in range(task.first, task.first + task.size):
            yield spoilt.unspoilt(_mnist, number % len(_mnist.labels)), AS_THEY_ARE
        return
    rng = np.random.default_rng(task.seed)
    names = list(group)
    shares = np.array([group[name].weight for name in names])
    for name in rng.choice(names, size=task.size, p=shares / shares.sum()):
        yield group[name].draw(rng, _mnist), str(name)


class _Read(NamedTuple):
    """One reading of a picture."""

    pixels: NDArray[np.uint8]
    kind: str
    whole: float


class _Marked(NamedTuple):
    """One picture's row in `Shown`, and its readings."""

    label: int
    kind: str
    head: NDArray[np.float32]
    again: NDArray[np.float32]
    is_mnist_form: bool
    read: tuple[_Read, ...]


def _table(pictures: list[_Marked]) -> Readings:
    rows = [(place, read) for place, picture in enumerate(pictures) for read in picture.read]
    shown = Shown(
        np.array([picture.label for picture in pictures], np.uint8),
        np.array([picture.kind for picture in pictures], np.str_),
        np.array([picture.head for picture in pictures], np.float32).reshape(-1, INK_CLASSES),
        np.array([picture.again for picture in pictures], np.float32).reshape(-1, INK_CLASSES),
        np.array([picture.is_mnist_form for picture in pictures], np.bool_),
    )
    return Readings(
        np.array([read.pixels for _, read in rows], np.uint8).reshape(-1, SIDE, SIDE),
        np.array([place for place, _ in rows], np.int32),
        np.array([read.kind for _, read in rows], np.str_),
        np.array([read.whole for _, read in rows], np.float32),
        shown,
    )


class _Seen(NamedTuple):
    """The picture's part of a square: what the ink network says, and what is there."""

    maps: NDArray[np.uint8]  # (h, w, 3)
    truth: NDArray[np.uint8]  # (h, w, 3)
    classes: NDArray[np.float32]  # (12,)


def _marked(sample: Sample, kind: str) -> _Marked:
    # As the job has it: a picture without colour is grey, and none is larger than its square.
    pixels = reduced(_grey_if_grey(sample.pixels))
    side = side_of(pixels)
    seen, again = _seen(pixels, sample, side), _seen(pixels, sample, SECOND_SIDE[side])
    read = tuple(
        _Read(each.pixels, each.kind, _whole(each.kind, seen, again))
        for each in readings(pixels, seen.maps, again.maps)
    )
    return _Marked(sample.label, kind, seen.classes, again.classes, is_mnist_form(pixels), read)


def _grey_if_grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    is_grey = bool((pixels == pixels[..., :1]).all())
    return np.ascontiguousarray(pixels[..., 0]) if is_grey else pixels


def _seen(pixels: NDArray[np.uint8], sample: Sample, side: int) -> _Seen:
    square, box = letterbox(pixels, side)
    maps, classes = _session.run(["maps", "classes"], {"pixels": square[None].astype(np.float32)})
    (marked,) = quantized(maps)
    return _Seen(box.cut(marked), resized(sample.maps, box), classes[0])


def _whole(kind: ReadingKind, seen: _Seen, again: _Seen) -> float:
    """How much of the digit's ink is in a reading, and how much of the reading is the digit's:
    the lesser, 0 to 1."""
    if kind is ReadingKind.STANDS:
        return float(seen.truth[..., INK].sum() / max(seen.truth.sum(dtype=float), 1.0))
    maps, truth, _ = again if kind is ReadingKind.OTHER_SIZE else seen
    if kind is ReadingKind.ALL_WRITING:
        found = cv2.add(maps[..., INK], maps[..., WRITING]).astype(np.float32)
    else:
        rim = FAINT_RIM if kind is ReadingKind.FAINT else RIM
        found = maps[..., _map_read(maps, rim)].astype(np.float32)
    there = truth[..., INK].astype(np.float32)
    both = float(np.minimum(found, there).sum())
    return min(both / max(float(found.sum()), 1.0), both / max(float(there.sum()), 1.0))


def _map_read(maps: NDArray[np.uint8], rim: float) -> int:
    """Which of `maps` `read_maps` reads: other writing where ink is too little to be read."""
    if maps[..., WRITING].sum(dtype=int) <= maps[..., INK].sum(dtype=int):
        return INK
    ink_alone = maps.copy()
    ink_alone[..., WRITING] = 0
    return WRITING if read_maps(ink_alone, rim) is None else INK
