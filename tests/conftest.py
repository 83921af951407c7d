"""What several test modules share."""

import errno
import os
import signal
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from numpy.typing import NDArray
from PIL import Image

from batch_predict.engines import ENGINES
from batch_predict.normalize.modes import Preprocess
from batch_predict.options import Options
from batch_predict.runtimes import RUNTIMES
from batch_predict.storage.folder import Folder
from tests.support import here

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "sample_images"
MODEL_BYTES = b"PK\x03\x04 looks like a model from afar"
OLD_CSV = "path,label,confidence,status,reason\nold.png,7,0.900000,ok,\n"  # a run replaces it

# A signal that a process was started to ignore stays ignored: the tests, and what they start,
# should heed it though they themselves run under nohup or in a script's background.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)

# Each of the hundreds of processes that tests start would compile the program anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# And they write their streams as they do where no container's settings change that.
os.environ.pop("PYTHONUNBUFFERED", None)

# How long an example takes says nothing on a machine that does other things, too.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What was captured may hold bytes that are no text, which pytest-xdist can't send."""
    report = yield
    report.sections = [
        (name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections
    ]
    return report


@pytest.fixture
def silent_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that does not answer when a file is fetched."""

    def refuse(folder: Folder, name: str, *beside: str) -> None:
        raise OSError(errno.EIO, "access is denied", name)

    monkeypatch.setattr(Folder, "fetched", refuse)


@pytest.fixture(scope="session")
def digits_data() -> Path:
    """The folder of MNIST and the development pictures."""
    return Path(os.environ["DIGITS_DATA"])


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 3,000 pictures: good, bad, odd and huge."""
    from tests.support.mixed import make

    folder = tmp_path_factory.mktemp("buckets") / "mixed"
    make(folder)
    return folder


@pytest.fixture(scope="session")
def mixed_csv(mixed: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What the local engine with the fake runtime writes of it."""
    from tests.support.mixed import csv_of

    return csv_of(mixed, tmp_path_factory.mktemp("mixed"))


@pytest.fixture
def model_file(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file for the fake runtime, which is registered as `fake`."""
    monkeypatch.setitem(RUNTIMES, "fake", "tests.support.fakes:RUNTIME")
    path = tmp_path_factory.mktemp("model") / "fake.keras"
    path.write_bytes(MODEL_BYTES)
    return path


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> here.OneByOne:
    """An engine in this process, which is registered as `here`."""
    monkeypatch.setitem(ENGINES, "here", "tests.support.here:ENGINE")
    here.ENGINE.reset()
    return here.ENGINE


@pytest.fixture
def options(model_file: Path, tmp_path: Path) -> Callable[..., Options]:
    """Options of a run over `tmp_path/in` into `tmp_path/out.csv` with the fake runtime."""

    def make(**changes: object) -> Options:
        given: dict[str, object] = {
            "in_dir": str(tmp_path / "in"),
            "output": str(tmp_path / "out.csv"),
            "model": str(model_file),
            "runtime": "fake",
            "preprocess": Preprocess.PLAIN,
        }
        return Options(**{**given, **changes})  # type: ignore[arg-type]

    return make


def noise(seed: int) -> NDArray[np.uint8]:
    """A (28, 28) uint8 picture of its own for every seed."""
    return np.random.default_rng(seed).integers(0, 256, (28, 28), np.uint8)


def save(path: Path, pixels: NDArray[np.uint8]) -> Path:
    """Write `pixels` as a picture, with the folders it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path
