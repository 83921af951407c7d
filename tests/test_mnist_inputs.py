"""MNIST's test set in every form that it comes in: the same answers and truth, row by row."""

import csv
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.s3.server import environment, serving
from tests.support.idx import idx

pytestmark = pytest.mark.data

COUNT = 2000  # pictures of the 10,000
SERVED = 200  # of them: a store of files takes 20 ms for each
Answers = list[tuple[str, ...]]  # a row's number, label, confidence and truth


class Pictures:
    """The pixels (n, 28, 28), the digits (n,) and the PNGs by name."""

    def __init__(self, data: Path, count: int) -> None:
        with np.load(data / "mnist.npz") as arrays:
            self.pixels = arrays["x_test"][:count]
            self.digits = arrays["y_test"][:count]
        self.files = {f"{at:06d}.png": _png(pixels) for at, pixels in enumerate(self.pixels)}


def _png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def as_folder(folder: Path, of: Pictures) -> str:
    (folder / "pictures").mkdir()
    for name, content in of.files.items():
        (folder / "pictures" / name).write_bytes(content)
    return "pictures"


def as_zip(folder: Path, of: Pictures) -> str:
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for name, content in of.files.items():
            archive.writestr(name, content)
    return "a.zip"


def as_tar(folder: Path, of: Pictures) -> str:
    """As WebDataset has it."""
    with tarfile.open(folder / "a.tar", "w") as archive:
        for (name, content), digit in zip(of.files.items(), of.digits, strict=True):
            for each, data in ((name, content), (f"{name[:6]}.cls", b"%d" % digit)):
                member = tarfile.TarInfo(each)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
    return "a.tar"


def as_idx(folder: Path, of: Pictures) -> str:
    (folder / "t10k-images-idx3-ubyte").write_bytes(idx(of.pixels))
    (folder / "t10k-labels-idx1-ubyte").write_bytes(idx(of.digits))
    return "t10k-images-idx3-ubyte"


def as_parquet(folder: Path, of: Pictures) -> str:
    import pyarrow as pa
    from pyarrow import parquet

    images = [{"bytes": content, "path": None} for content in of.files.values()]
    table = pa.table({"image": images, "label": of.digits.astype(np.int64)})
    parquet.write_table(table, folder / "a.parquet", row_group_size=300)
    return "a.parquet"


#: and whether the truth is in a labels file of its own
FORMS: Mapping[str, tuple[Callable[[Path, Pictures], str], bool]] = {
    "folder": (as_folder, True),
    "zip": (as_zip, True),
    "tar": (as_tar, False),
    "IDX": (as_idx, False),
    "Parquet": (as_parquet, False),
}


@pytest.fixture(scope="module")
def pictures(digits_data: Path) -> Pictures:
    return Pictures(digits_data, COUNT)


@pytest.fixture(scope="module")
def labels(pictures: Pictures, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file for all forms that have names."""
    file = tmp_path_factory.mktemp("labels") / "labels.csv"
    rows = zip(pictures.files, pictures.digits, strict=True)
    file.write_text("path,label\n" + "".join(f"{name},{digit}\n" for name, digit in rows))
    return file


def answers(in_dir: str, output: Path, *options: str, **variables: str) -> Answers:
    command = [sys.executable, "-m", "batch_predict", in_dir, str(output), *options]
    command += ["--runtime", "onnx", "--quiet"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=True)
    with output.open() as file:
        columns = ("path", "label", "confidence", "truth")
        found = [tuple(row[name] for name in columns) for row in csv.DictReader(file)]
    return [(path.removesuffix(".png"), *others) for path, *others in found]


@pytest.fixture(scope="module")
def expected(pictures: Pictures, labels: Path, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """Those of the folder."""
    tmp_path = tmp_path_factory.mktemp("folder")
    found = as_folder(tmp_path, pictures)
    return answers(str(tmp_path / found), tmp_path / "out.csv", "--labels", str(labels))


def test_those_of_the_folder_are_right(expected: Answers, pictures: Pictures) -> None:
    assert [int(truth) for *_, truth in expected] == pictures.digits.tolist()
    assert sum(label == truth for _, label, _, truth in expected) > 0.99 * COUNT


@pytest.mark.parametrize("form", list(FORMS)[1:])
def test_every_form_has_the_same(
    form: str, expected: Answers, pictures: Pictures, labels: Path, tmp_path: Path
) -> None:
    make, needs_labels = FORMS[form]
    options = ("--labels", str(labels)) if needs_labels else ()
    found = answers(str(tmp_path / make(tmp_path, pictures)), tmp_path / "out.csv", *options)
    assert found == expected


@pytest.mark.s3
def test_so_has_a_bucket(
    expected: Answers, digits_data: Path, labels: Path, tmp_path: Path
) -> None:
    bucket = tmp_path / "buckets" / "b"
    bucket.mkdir(parents=True)
    name = as_folder(bucket, Pictures(digits_data, SERVED))
    options = ("--labels", str(labels))
    with serving(bucket.parent) as port:
        output = tmp_path / "out.csv"
        found = answers(f"s3://b/{name}", output, *options, **environment(port))
    assert found == expected[:SERVED]
