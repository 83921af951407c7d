"""What is in the wheel and in the source package, as `python -m build` makes them."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, SAMPLES
from tests.support.absent import without

pytestmark = pytest.mark.slow

LICENCES = {"licenses/LICENSE", "licenses/models/LICENSE.md"}


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The two, built from a copy of what is under version control."""
    source = tmp_path_factory.mktemp("source")
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
    for name in filter(None, listed.split("\0")):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    subprocess.run([sys.executable, "-m", "build", str(source)], check=True, capture_output=True)
    return sorted((source / "dist").iterdir())


@pytest.fixture(scope="module")
def source_names(packages: list[Path]) -> set[str]:
    (path,) = (path for path in packages if path.name.endswith(".tar.gz"))
    with tarfile.open(path) as source:
        return {name.partition("/")[2] for name in source.getnames()}


@pytest.fixture(scope="module")
def wheel(packages: list[Path]) -> Iterator[zipfile.ZipFile]:
    (path,) = (path for path in packages if path.suffix == ".whl")
    with zipfile.ZipFile(path) as wheel:
        yield wheel


@pytest.fixture(scope="module")
def wheel_names(wheel: zipfile.ZipFile) -> set[str]:
    return set(wheel.namelist())


def names_below(folder: str) -> set[str]:
    listed = subprocess.check_output(["git", "ls-files", folder], cwd=ROOT, text=True)
    return set(listed.splitlines())


def test_the_wheel_holds_the_program_its_models_and_their_licences(wheel_names: set[str]) -> None:
    models = {f"batch_predict/{name}" for name in names_below("models")}
    assert names_below("batch_predict") | models <= wheel_names
    rest = wheel_names - names_below("batch_predict") - models
    assert [name for name in rest if ".dist-info/" not in name] == []
    assert {name.partition("/")[2] for name in rest} >= LICENCES


def test_the_wheel_runs_without_keras(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    environment = without(tmp_path, "keras", "tensorflow", program=tmp_path)
    command = [sys.executable, "-m", "batch_predict", SAMPLES, "out.csv", "--runtime", "onnx"]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    rows = (tmp_path / "out.csv").read_text().splitlines()[1:]
    assert len(rows) == 100


def test_the_source_package_is_the_repository_without_its_tests(source_names: set[str]) -> None:
    folders = (
        "batch_predict",
        "docs",
        "examples",
        "models",
        "requirements",
        "sample_images",
        "train",
    )
    for folder in folders:
        assert names_below(folder) <= source_names
    assert {
        "LICENSE",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
    } <= source_names
    assert [name for name in source_names if name.startswith("tests")] == []
