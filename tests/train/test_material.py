import numpy as np
import pytest

from train import epochs, material
from train.data import Pictures
from train.epochs import SHARES, make_epoch
from train.material import saved_material
from train.sources import NO_DIGIT, SOURCES


@pytest.fixture
def mnist():
    pixels = np.zeros((60, 28, 28), np.uint8)
    pixels[:, 4:24, 12:16] = 255
    return Pictures(pixels, np.arange(60, dtype=np.uint8) % 10)


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_gives_normalized_pictures_the_same_for_the_same_seed(mnist, name):
    material._start_worker(mnist)
    first, again = (material._make((name, (1, 2, 3), 12)) for _ in range(2))
    assert first.pixels.shape[1:] == (28, 28)
    assert len(first.labels) == len(first.pixels) > 0
    assert ((first.labels == NO_DIGIT) == (name == "outliers")).all()
    np.testing.assert_array_equal(first.pixels, again.pixels)


@pytest.mark.slow
def test_material_is_built_once(mnist, tmp_path, monkeypatch):
    monkeypatch.setattr(
        material, "SOURCES", {n: s._replace(pictures=20) for n, s in SOURCES.items()}
    )
    path = str(tmp_path / "material.npz")
    first = saved_material(path, mnist, seed=1)
    monkeypatch.delattr(material, "build")
    again = saved_material(path, mnist, seed=1)
    assert first.keys() == again.keys() == SOURCES.keys()
    for name, pictures in first.items():
        np.testing.assert_array_equal(pictures.pixels, again[name].pixels)


def test_an_epoch_holds_every_kind_and_no_digit_is_any_digit(mnist, monkeypatch):
    monkeypatch.setattr(epochs, "PICTURES", 500)
    nothing = Pictures(mnist.pixels, np.full(60, NO_DIGIT, np.uint8))
    kinds = dict.fromkeys(SHARES, mnist) | {"outliers": nothing}
    epoch, again = (make_epoch(kinds, seed=0, number=3) for _ in range(2))
    assert len(epoch.pixels) == 500
    np.testing.assert_allclose(epoch.targets.sum(axis=1, dtype=np.float32), 1, atol=2e-3)
    unsure = epoch.targets.max(axis=1) < 0.5
    assert unsure.mean() == SHARES["outliers"].of_epoch
    np.testing.assert_array_equal(epoch.pixels, again.pixels)
