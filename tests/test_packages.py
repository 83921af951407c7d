"""What is in the wheel and in the source package, as `python -m build` makes them."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from batch_predict import __version__
from tests.conftest import ROOT, SAMPLES
from tests.support.absent import without

pytestmark = pytest.mark.slow

#: what the extra `train` brings, and Keras, which an install may have begun without
HEAVY = ("keras", "tensorflow", "matplotlib", "onnx", "onnxruntime", "pandas", "scipy", "tf2onnx")
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


def ended(
    command: list[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """`command`, run in `folder`, as it ended."""
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def names_below(folder: str) -> set[str]:
    listed = subprocess.check_output(["git", "ls-files", folder], cwd=ROOT, text=True)
    return set(listed.splitlines())


def test_the_wheel_holds_the_program_its_models_its_training_and_licences(
    wheel_names: set[str],
) -> None:
    inside = {f"batch_predict/{name}" for name in names_below("models") | names_below("train")}
    inside |= names_below("batch_predict")
    assert inside <= wheel_names
    rest = wheel_names - inside
    assert [name for name in rest if ".dist-info/" not in name] == []
    assert {name.partition("/")[2] for name in rest} >= LICENCES


def test_the_wheel_runs_without_keras(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    environment = without(tmp_path, "keras", "tensorflow", program=tmp_path)
    command = [sys.executable, "-m", "batch_predict", SAMPLES, "out.csv", "--runtime", "onnx"]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)
    rows = (tmp_path / "out.csv").read_text().splitlines()[1:]
    assert len(rows) == 100


def test_the_wheel_trains_where_the_extra_is_installed(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    """A tuning on one picture is refused by the modules of the wheel, after all their imports."""
    wheel.extractall(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    (tmp_path / "mine" / "1").mkdir(parents=True)
    shutil.copy(next(Path(SAMPLES, "1").glob("*.png")), tmp_path / "mine" / "1")
    given = ["--init", "digits", "--data", "mine", "--output", "mine.keras"]
    command = [sys.executable, "-m", "batch_predict.train", *given]
    ran = ended(command, tmp_path, environment)
    assert ran.returncode == 3
    assert "batch-predict-train: training needs at least 3 pictures, received 1\n" in ran.stderr


def test_the_wheel_without_the_extra_says_what_to_install(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    wheel.extractall(tmp_path)
    environment = without(tmp_path, *HEAVY, program=tmp_path)
    (script,) = (name for name in wheel.namelist() if name.endswith("/entry_points.txt"))
    assert "batch-predict-train = batch_predict.train.__main__:run" in wheel.read(script).decode()
    command = [sys.executable, "-m", "batch_predict.train"]
    subprocess.run([*command, "--help"], cwd=tmp_path, env=environment, check=True)
    given = ["--output", "mine.keras"]
    ran = ended([*command, *given], tmp_path, environment)
    assert ran.returncode == 9
    assert "pip install 'batch_predict[train]'" in ran.stderr
    assert ran.stderr.count("\n") == 1


@pytest.fixture(scope="module")
def installed(packages: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of the wheel in a fresh environment, which has its libraries from this one."""
    (wheel,) = (path for path in packages if path.suffix == ".whl")
    venv = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    options = ["--quiet", "--no-deps", "--no-index"]
    pip = [sys.executable, "-m", "pip", "--python", venv / "bin" / "python"]
    subprocess.run([*pip, "install", *options, wheel], check=True)
    (site,) = venv.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    return venv / "bin"


COMMANDS = ["", "-merge", "-report", "-review", "-train"]


@pytest.mark.parametrize("command", COMMANDS)
def test_an_installed_command_says_its_name_and_version(
    command: str, installed: Path, tmp_path: Path
) -> None:
    name = f"batch-predict{command}"
    environment = {"PATH": str(installed)}
    shown = ended([name, "--help"], tmp_path, environment)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith(f"usage: {name} [")
    told = ended([name, "--version"], tmp_path, environment)
    assert (told.stdout, told.stderr) == (f"batch_predict {__version__}\n", "")
    assert ended([name, "--nonsense"], tmp_path, environment).returncode == 2


def test_the_installed_commands_are_all_there_are(installed: Path) -> None:
    found = {path.name for path in installed.glob("batch-predict*")}
    assert found == {f"batch-predict{command}" for command in COMMANDS}


def test_an_installed_run_names_the_command_that_is_installed(
    installed: Path, tmp_path: Path
) -> None:
    environment = {"PATH": str(installed)}
    given = ["--runtime", "onnx", "--review-below", "1"]
    ran = ended(["batch-predict", SAMPLES, "out.csv", *given], tmp_path, environment)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith("; to look at them: batch-predict-review out.csv\n")
    for command in ("report", "review"):
        made = ended([f"batch-predict-{command}", "out.csv"], tmp_path, environment)
        assert (made.returncode, made.stderr) == (0, "")
    assert (tmp_path / "out.review.html").exists()


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
