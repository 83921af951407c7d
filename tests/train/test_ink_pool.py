import os
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from typing import NoReturn

import numpy as np
import pytest
from test_data import mnist_like, save_npz

from batch_predict.normalize.letterbox import LARGE, SMALL
from train.data import load
from train.ink_pool import PLANES, SIDES, Batch, Pool, Renderer, render


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A few digits whose pixels are noise."""
    return load(save_npz(tmp_path_factory.mktemp("data") / "mnist.npz", mnist_like()))


def numbered(first, count, side=8):
    """Pictures that hold their labels."""
    labels = np.arange(first, first + count, dtype=np.int32)
    planes = np.broadcast_to(
        labels[:, None, None, None].astype(np.uint8), (count, side, side, PLANES)
    )
    return Batch(planes, labels)


def test_a_batch_of_a_pool_keeps_pictures_and_labels_together():
    pool = Pool(8, 100)
    pool.add(numbered(0, 5))
    batch = pool.batch(np.random.default_rng(0), 50)
    assert batch.planes.shape == (50, 8, 8, PLANES)
    np.testing.assert_array_equal(batch.planes[:, 0, 0, 0], batch.labels)
    assert set(batch.labels.tolist()) == set(range(5))


def test_the_oldest_make_room():
    pool = Pool(8, 4)
    pool.add(numbered(0, 3))
    pool.add(numbered(3, 3))
    assert len(pool) == 4
    assert pool.received == 6
    assert set(pool.batch(np.random.default_rng(0), 100).labels.tolist()) == {2, 3, 4, 5}


def test_the_same_seed_renders_the_same_pictures(data):
    mnist = data.train
    first, again = (render(np.random.default_rng(7), mnist, 12) for _ in range(2))
    for side in SIDES:
        assert len(first[side]) == len(again[side])
        for one, other in zip(first[side], again[side], strict=True):
            assert one.planes.shape == (1, side, side, PLANES)
            np.testing.assert_array_equal(one.planes, other.planes)
            assert one.labels == other.labels


@pytest.mark.slow
def test_a_renderer_fills_its_pools_and_holds_out_the_same_pictures_whatever_the_seed(data):
    counts = {LARGE: 8, SMALL: 8}
    held = []
    for seed in (1, 2):
        renderer = Renderer(data, seed, 1, 0.1)
        try:
            held.append(renderer.held_out(counts))
            renderer.start()
            renderer.wait(counts)
            batch = renderer.pools[LARGE].batch(np.random.default_rng(0), 4)
            assert batch.planes.any()
        finally:
            renderer.close()
    for side in SIDES:
        assert len(held[0][side].labels) == 8
        np.testing.assert_array_equal(held[0][side].planes, held[1][side].planes)


def test_the_environment_is_as_it_was_where_no_process_could_start(data, monkeypatch):
    def refuse(*arguments: object) -> NoReturn:
        raise OSError("no more processes")

    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    monkeypatch.setattr(ProcessPoolExecutor, "submit", refuse)
    with closing(Renderer(data, 1, 1, 0.001)) as renderer, pytest.raises(OSError, match="no more"):
        renderer.start()
    assert os.environ["OMP_NUM_THREADS"] == "3"
    assert "OPENBLAS_NUM_THREADS" not in os.environ
