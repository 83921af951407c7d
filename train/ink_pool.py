"""Rendered pictures to learn the ink from: made in processes of their own, kept in a pool."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from threading import Lock
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.letterbox import LARGE, SMALL, side_of
from batch_predict.opencv import cv2

from .data import Dataset, Pictures
from .pictures.kinds import draw
from .pictures.sample import letterboxed

SIDES: Final = (LARGE, SMALL)
PLANES: Final = 6  # red, green, blue, and the three maps
CHUNK: Final = 64  # pictures of one task: some seconds of work on one core
LARGE_SHARE: Final = 0.9  # of a pool's memory; a small picture takes a ninth of a large one's
#: the seed of the pictures that validate, whatever the training's: so that trainings compare
_VALIDATION_SEED: Final = 1
_NICENESS: Final = 10  # of the processes that render: the one that trains goes first
_READY_S: Final = 300  # how long the first pictures may take

Planes = NDArray[np.uint8]  # (side, side, PLANES) or (n, side, side, PLANES)
Labels = NDArray[np.int32]  # (n,), as in train.pictures.sample


class Batch(NamedTuple):
    """Pictures of one side, their maps and labels."""

    planes: Planes
    labels: Labels


def render(rng: np.random.Generator, mnist: Pictures, count: int) -> dict[int, list[Batch]]:
    """`count` pictures of all kinds by the side that they are seen at, each a batch of one."""
    found: dict[int, list[Batch]] = {side: [] for side in SIDES}
    for _ in range(count):
        sample = draw(rng, mnist)
        side = side_of(sample.pixels)
        square = letterboxed(sample, side)
        planes = np.concatenate([square.pixels, square.maps], axis=2)
        found[side].append(Batch(planes[None], np.array([sample.label], np.int32)))
    return found


class Pool:
    """Pictures of one side, as many as fit: of more, the oldest make room."""

    def __init__(self, side: int, capacity: int) -> None:
        self.side = side
        self.capacity = capacity
        self.received = 0  # pictures, those that made room included
        self._pictures: list[tuple[Planes, int]] = []

    def __len__(self) -> int:
        return len(self._pictures)

    def add(self, batch: Batch) -> None:
        """Takes pictures in."""
        for picture in zip(batch.planes, batch.labels.tolist(), strict=True):
            if len(self._pictures) < self.capacity:
                self._pictures.append(picture)
            else:
                self._pictures[self.received % self.capacity] = picture
            self.received += 1

    def batch(self, rng: np.random.Generator, count: int) -> Batch:
        """`count` of its pictures, drawn with replacement."""
        planes = np.empty((count, self.side, self.side, PLANES), np.uint8)
        labels = np.empty(count, np.int32)
        for row, place in enumerate(rng.integers(len(self._pictures), size=count).tolist()):
            planes[row], labels[row] = self._pictures[place]
        return Batch(planes, labels)


class Renderer:
    """Processes that fill pools, chunk after chunk, until it is closed.

    What chunk i holds depends on `seed` and i alone. A chunk's pictures lie in a file that is
    mapped and unlinked at once: so they take no second copy, and leave nothing behind.
    """

    def __init__(
        self, data: Dataset, seed: int, workers: int, memory_gib: float, first_chunk: int = 0
    ) -> None:
        self._seed = seed
        self._next = first_chunk
        self._folder = tempfile.mkdtemp(prefix="ink-", dir=_roomiest())
        self._closed = False
        self._lock = Lock()
        self.error: BaseException | None = None  # that ended the rendering
        for name, pictures in (("train", data.train), ("validation", data.validation)):
            for field, array in pictures._asdict().items():
                np.save(os.path.join(self._folder, f"{name}-{field}.npy"), array)
        room = shutil.disk_usage(self._folder).free * 0.8
        bytes_ = min(memory_gib * 2**30, room)
        shares = {LARGE: LARGE_SHARE, SMALL: 1 - LARGE_SHARE}
        self.pools = {
            side: Pool(side, max(CHUNK, int(bytes_ * share / (side * side * PLANES))))
            for side, share in shares.items()
        }
        self._executor = ProcessPoolExecutor(
            workers, get_context("spawn"), _start_worker, (self._folder,)
        )
        self._ahead = 2 * workers

    @property
    def chunks(self) -> int:
        """How many chunks were begun, those of an earlier run included."""
        return self._next

    def held_out(self, counts: dict[int, int]) -> dict[int, Batch]:
        """`counts` pictures of each side that validate: always the same ones."""
        found: dict[int, list[Batch]] = {side: [] for side in SIDES}
        with _one_thread_each():
            futures = [self._validation(chunk) for chunk in range(self._ahead)]
        chunk = 0
        while any(sum(len(b.labels) for b in found[s]) < n for s, n in counts.items()):
            for side, batch in self._claim(futures[chunk].result()).items():
                found[side].append(batch)
            chunk += 1
            futures.append(self._validation(len(futures)))
        for future in futures[chunk:]:
            future.cancel()
        joined = {
            side: Batch(*map(np.concatenate, zip(*batches, strict=True)))
            for side, batches in found.items()
        }
        return {s: Batch(b.planes[: counts[s]], b.labels[: counts[s]]) for s, b in joined.items()}

    def _validation(self, chunk: int) -> Future[dict[int, tuple[str, Labels]]]:
        return self._executor.submit(_render, "validation", _VALIDATION_SEED, chunk)

    def start(self) -> None:
        """Let the pools fill."""
        with _one_thread_each():
            for _ in range(self._ahead):
                self._submit()

    def wait(self, counts: dict[int, int]) -> None:
        """Wait until the pools hold so many pictures of each side."""
        begun = time.monotonic()
        while any(len(self.pools[side]) < n for side, n in counts.items()):
            if self.error:
                raise self.error
            if time.monotonic() - begun > _READY_S:
                raise TimeoutError(f"no {counts} pictures in {_READY_S} s")
            time.sleep(0.05)

    def _submit(self) -> None:
        with self._lock:
            if self._closed:
                return
            future = self._executor.submit(_render, "train", self._seed, self._next)
            self._next += 1
        future.add_done_callback(self._take)

    def _take(self, future: Future[dict[int, tuple[str, Labels]]]) -> None:
        if future.cancelled():
            return
        try:
            for side, batch in self._claim(future.result()).items():
                self.pools[side].add(batch)
            self._submit()
        except BaseException as error:
            self.error = error
            raise

    @staticmethod
    def _claim(rendered: dict[int, tuple[str, Labels]]) -> dict[int, Batch]:
        found = {}
        for side, (path, labels) in rendered.items():
            found[side] = Batch(np.load(path, mmap_mode="r"), labels)
            os.unlink(path)
        return found

    def close(self) -> None:
        """End the processes. The pools stay."""
        with self._lock:
            self._closed = True
        self._executor.shutdown(wait=True, cancel_futures=True)
        shutil.rmtree(self._folder, ignore_errors=True)


def _roomiest() -> str:
    """The folder for files that live in memory; where it is small, the one for others."""
    folders = [folder for folder in ("/dev/shm", tempfile.gettempdir()) if os.path.isdir(folder)]
    return max(folders, key=lambda folder: shutil.disk_usage(folder).free)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """While it lasts, processes that start are told to use one thread."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(dict.fromkeys(names, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


_folder: str
_parts: dict[str, Pictures]


def _start_worker(folder: str) -> None:
    global _folder, _parts  # noqa: PLW0603 - sent once to each process, not with each task
    cv2.setNumThreads(1)
    os.nice(_NICENESS)
    _folder = folder
    _parts = {
        part: Pictures(
            *(np.load(os.path.join(folder, f"{part}-{field}.npy")) for field in Pictures._fields)
        )
        for part in ("train", "validation")
    }


def _render(part: str, seed: int, chunk: int) -> dict[int, tuple[str, Labels]]:
    """Path of the planes (n, side, side, 6) and labels, by side."""
    rng = np.random.default_rng((seed, part == "validation", chunk))
    found = {}
    for side, batches in render(rng, _parts[part], CHUNK).items():
        if batches:
            planes, labels = map(np.concatenate, zip(*batches, strict=True))
            path = os.path.join(_folder, f"{part}-{chunk}-{side}.npy")
            np.save(path, planes)
            found[side] = (path, labels)
    return found
