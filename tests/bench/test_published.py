"""Published sets are read from the files in which they are published, and known by their hashes."""

import bz2
import gzip
import hashlib
import io
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.bench import published
from tests.bench.published import OTHER, UNCHECKED, DataError, read
from tests.support.idx import idx

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (4, 28, 28)).astype(np.uint8)
LABELS = np.array([3, 1, 4, 1], np.uint8)
SMALL = RNG.integers(0, 17, (4, 64))  # of optdigits, 0 to 16
LARGER = RNG.integers(0, 256, (4, 256))  # of USPS


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def npz(folder):
    np.savez(folder / "mnist.npz", x_test=PIXELS, y_test=LABELS)
    return folder / "mnist.npz"


def mnist_idx(folder, pixels=PIXELS, labels=LABELS):
    write(folder / "t10k-images-idx3-ubyte", idx(pixels))
    write(folder / "t10k-labels-idx1-ubyte.gz", gzip.compress(idx(labels)))
    return folder


def qmnist(folder):
    told = np.stack([LABELS, *7 * [np.full(4, 99)]], axis=1).astype(">i4")
    write(folder / "qmnist-test-images-idx3-ubyte.gz", gzip.compress(idx(PIXELS)))
    write(folder / "qmnist-test-labels-idx2-int", idx(told, kind=12))
    return folder


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


FAMILIES = {
    f"mnist_c/{family}/{part}.npy": npy(array)
    for family in ("fog", "zigzag")
    for part, array in {
        "test_images": PIXELS[..., None],
        "test_labels": LABELS.astype(np.int64),
        "train_images": PIXELS[:1, ..., None],
    }.items()
}


def mnist_c(folder):
    for name, content in FAMILIES.items():
        write(folder / name, content)
    return folder


def mnist_c_zip(folder):
    with zipfile.ZipFile(folder / "mnist_c.zip", "w") as archive:
        for name, content in FAMILIES.items():
            archive.writestr(name, content)
    return folder / "mnist_c.zip"


def usps_h5(folder):
    with h5py.File(folder / "usps.h5", "w") as file:
        file["test/data"] = (LARGER / 255).astype(np.float32)
        file["test/target"] = LABELS.astype(np.int64)
    return folder / "usps.h5"


def usps_bz2(folder):
    lines = (
        f"{label + 1} {' '.join(f'{n}:{level / 127.5 - 1:.6f}' for n, level in enumerate(row, 1))} "
        for label, row in zip(LABELS, LARGER, strict=True)
    )
    return write(folder / "usps.t.bz2", bz2.compress("\n".join(lines).encode()))


def optdigits(folder):
    rows = (",".join(map(str, [*row, d])) for row, d in zip(SMALL, LABELS, strict=True))
    return write(folder / "optdigits.tes", "\n".join(rows).encode())


USPS = LARGER.reshape(-1, 16, 16)
OPTDIGITS = np.rint(SMALL.reshape(-1, 8, 8) * 255 / 16)


@pytest.mark.parametrize(
    ("kind", "make", "names", "pixels"),
    [
        pytest.param("MNIST", npz, ["MNIST"], PIXELS, id="MNIST, npz"),
        pytest.param("MNIST", mnist_idx, ["MNIST"], PIXELS, id="MNIST, IDX"),
        pytest.param("QMNIST", qmnist, ["QMNIST"], PIXELS, id="QMNIST"),
        pytest.param("MNIST-C", mnist_c, ["MNIST-C fog", "MNIST-C zigzag"], PIXELS, id="MNIST-C"),
        pytest.param(
            "MNIST-C", mnist_c_zip, ["MNIST-C fog", "MNIST-C zigzag"], PIXELS, id="MNIST-C, zip"
        ),
        pytest.param("USPS", usps_h5, ["USPS"], USPS, id="USPS, HDF5"),
        pytest.param("USPS", usps_bz2, ["USPS"], USPS, id="USPS, LIBSVM"),
        pytest.param("optdigits", optdigits, ["optdigits"], OPTDIGITS, id="optdigits"),
    ],
)
def test_a_set_is_read(tmp_path, kind, make, names, pixels):
    found = read(kind, make(tmp_path))
    assert list(found) == names
    for each in found.values():
        np.testing.assert_array_equal(each.pixels, pixels)
        np.testing.assert_array_equal(each.labels, LABELS)
        assert (each.pixels.dtype, each.labels.dtype) == (np.uint8, np.uint8)
        assert all(len(file.sha256) == 64 for file in each.files)


def test_of_qmnist_the_digits_of_mnists_test_set_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(published, "_OF_MNIST", 3)
    found = read("QMNIST", qmnist(tmp_path))["QMNIST"]
    np.testing.assert_array_equal(found.pixels, PIXELS[3:])
    np.testing.assert_array_equal(found.labels, LABELS[3:])


def test_a_file_of_which_no_hash_is_known_is_said_to_be_unchecked(tmp_path):
    (file,) = read("USPS", usps_h5(tmp_path))["USPS"].files
    assert file.sha256 == hashlib.sha256((tmp_path / "usps.h5").read_bytes()).hexdigest()
    assert file.checked == UNCHECKED


def test_a_file_that_is_as_published_is_said_to_be_so(tmp_path, monkeypatch):
    path = usps_bz2(tmp_path)
    digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    monkeypatch.setitem(published._PUBLISHED, "usps.t.bz2", (digest, "somebody's md5"))
    assert read("USPS", path)["USPS"].checked == "as published, by somebody's md5"


def test_a_file_of_a_published_name_and_other_content_is_said_to_be_another(tmp_path):
    assert read("USPS", usps_bz2(tmp_path))["USPS"].checked.startswith(OTHER)


def test_a_set_is_known_by_its_content_whatever_holds_it(tmp_path):
    ours = published.optdigits_of_scikit_learn()
    counts = np.rint(ours.pixels.reshape(-1, 64) / 255 * 16).astype(int)
    rows = (",".join(map(str, [*row, d])) for row, d in zip(counts, ours.labels, strict=True))
    path = write(tmp_path / "any name", "\n".join(rows).encode())
    assert ours.checked == read("optdigits", path)["optdigits"].checked
    assert ours.checked.startswith("as published")


@pytest.mark.data
def test_mnist_is_known_by_its_content():
    from tests.bench.sets import mnist_path

    assert read("MNIST", mnist_path())["MNIST"].checked.startswith("as published")


@pytest.mark.parametrize("kind", published.KINDS)
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"a line of text\n", id="text"),
        pytest.param(b"1,2,3\n", id="too few numbers"),
        pytest.param(bz2.compress(b"1 1:0.5\n"), id="bz2 of other numbers"),
        pytest.param(b"PK\x03\x04 cut short", id="a zip that is cut short"),
        pytest.param(b"\x89HDF\r\n\x1a\n cut short", id="HDF5 that is cut short"),
    ],
)
def test_a_file_that_is_no_such_set_is_an_error_that_names_it(tmp_path, kind, content):
    path = write(tmp_path / "file", content)
    with pytest.raises(DataError, match=f"^{kind}: .*{path.name}"):
        read(kind, path)


@pytest.mark.parametrize("kind", published.KINDS)
def test_what_is_not_there_is_an_error(tmp_path, kind):
    with pytest.raises(DataError, match=f"^{kind}: there is no .*nowhere"):
        read(kind, tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("pixels", "labels", "why"),
    [
        pytest.param(PIXELS, LABELS[:2], "2 labels", id="too few labels"),
        pytest.param(PIXELS, LABELS + 9, "not 0 to 9", id="letters"),
        pytest.param(PIXELS[:0], LABELS[:0], "not 0 to 9", id="nothing"),
        pytest.param(PIXELS.reshape(4, -1), LABELS, "grey pictures", id="vectors"),
    ],
)
def test_pictures_and_labels_that_do_not_fit_are_an_error(tmp_path, pixels, labels, why):
    with pytest.raises(DataError, match=why):
        read("MNIST", mnist_idx(tmp_path, pixels, labels))


def test_a_folder_that_lacks_a_file_is_an_error_that_names_it(tmp_path):
    mnist_idx(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(DataError, match="there is no t10k-labels-idx1-ubyte"):
        read("MNIST", tmp_path)
