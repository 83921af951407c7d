import keras
import numpy as np
import pytest
from PIL import Image

from batch_predict.errors import InputError
from batch_predict.records import Blank
from tests.conftest import ROOT
from train.data import kept_mnist, load, read_test


def mnist_like(n_train=60, n_test=12):
    rng = np.random.default_rng(0)
    train, test = (rng.integers(0, 256, (n, 28, 28), np.uint8) for n in (n_train, n_test))
    return (train, np.arange(n_train, dtype=np.uint8) % 10), (
        test,
        np.arange(n_test, dtype=np.uint8) % 10,
    )


def save_npz(path, parts):
    (x_train, y_train), (x_test, y_test) = parts
    np.savez(path, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
    return str(path)


def test_keras_and_npz_give_the_same_arrays_and_hash(monkeypatch, tmp_path):
    monkeypatch.setattr(keras.datasets.mnist, "load_data", mnist_like)
    from_keras, from_npz = load("keras"), load(save_npz(tmp_path / "mnist.npz", mnist_like()))
    assert from_keras.sha256() == from_npz.sha256()


def test_the_first_sixth_validates(tmp_path):
    parts = mnist_like()
    data = load(save_npz(tmp_path / "mnist.npz", parts))
    assert data.sizes() == {"train": 50, "validation": 10, "test": 12}
    np.testing.assert_array_equal(data.validation.pixels, parts[0][0][:10])


def test_inputs_are_pixels_over_255_and_labels_one_hot(tmp_path):
    pictures = load(save_npz(tmp_path / "mnist.npz", mnist_like())).test
    np.testing.assert_array_equal(
        pictures.inputs()[..., 0], pictures.pixels.astype(np.float32) / 255
    )
    np.testing.assert_array_equal(pictures.one_hot().argmax(axis=1), pictures.labels)


def test_a_folder_is_split_by_the_seed_and_keeps_its_labels(tmp_path):
    for digit in (3, 7):
        (tmp_path / str(digit)).mkdir()
        for i in range(6):
            picture = np.zeros((28, 28), np.uint8)
            picture[6 : 21 - i, 12:16] = 255  # upright, and lying for a 7
            picture = picture.T if digit == 7 else picture
            Image.fromarray(picture).save(tmp_path / str(digit) / f"{i}.png")
    (tmp_path / "3" / "broken.png").write_text("no picture")
    data = load(str(tmp_path), seed=1)
    assert data.sizes() == {"train": 8, "validation": 2, "test": 2}
    for part in (data.train, data.validation, data.test):
        inked = part.pixels > 127
        wide = inked.any(axis=1).sum(axis=1) > inked.any(axis=2).sum(axis=1)
        np.testing.assert_array_equal(np.where(wide, 7, 3), part.labels)
    assert load(str(tmp_path), seed=1).sha256() == data.sha256() != load(str(tmp_path), 2).sha256()


def test_the_test_part_is_prepared_as_a_run_does(tmp_path):
    """MNIST's form passes bit for bit; an empty picture is blank, and keeps its place."""
    with np.load(ROOT / "models" / "probe_digits.npz") as file:
        pixels, labels = file["pixels"][:4].copy(), file["labels"][:4].astype(np.uint8)
    pixels[1] = 0
    source = save_npz(tmp_path / "mnist.npz", ((pixels, labels), (pixels, labels)))
    items = read_test(source)
    assert [item.ref.truth for item in items] == labels.tolist()
    assert [isinstance(item, Blank) for item in items] == [False, True, False, False]
    for place in (0, 2, 3):
        np.testing.assert_array_equal(items[place].pixels, pixels[place])
        assert items[place].seen is None


def test_the_test_part_of_a_folder_is_what_a_training_holds_out(tmp_path):
    for digit in (3, 7):
        (tmp_path / str(digit)).mkdir()
        for i in range(6):
            picture = np.full((40 + i, 40), 255, np.uint8)
            picture[8 : 30 - i, 18:22] = 0
            Image.fromarray(picture).save(tmp_path / str(digit) / f"{i}.png")
    items, test = read_test(str(tmp_path), seed=1), load(str(tmp_path), seed=1).test
    np.testing.assert_array_equal([item.pixels for item in items], test.pixels)
    assert [item.ref.truth for item in items] == test.labels.tolist()
    assert all(item.seen is not None for item in items)  # its other readings need it


@pytest.mark.parametrize("is_there", [True, False])
def test_keras_copy_of_mnist_is_found_where_it_lies(tmp_path, monkeypatch, is_there):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    path = tmp_path / "datasets" / "mnist.npz"
    path.parent.mkdir()
    if is_there:
        path.write_bytes(b"")
    assert kept_mnist() == (str(path) if is_there else None)


@pytest.mark.parametrize("name", ["missing", "text.npz", "empty_folder"])
def test_a_source_without_pictures_is_an_input_error(tmp_path, name):
    (tmp_path / "text.npz").write_text("no arrays")
    (tmp_path / "empty_folder").mkdir()
    with pytest.raises(InputError, match=name):
        load(str(tmp_path / name))
