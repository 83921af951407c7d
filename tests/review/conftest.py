"""A finished run with pictures in doubt, for the tests of the review page."""

import shutil
from pathlib import Path

import pytest

from batch_predict.engines import ENGINES
from batch_predict.job import run
from batch_predict.normalize.modes import Preprocess
from batch_predict.option_values import Limit
from batch_predict.options import Options
from batch_predict.runtimes import RUNTIMES
from tests.conftest import MODEL_BYTES, noise, save

PICTURES = 30
#: a name that would run in a page, were it not escaped
HOSTILE = "</script><img src=x onerror=alert(1)>\u2028.png"


@pytest.fixture(scope="package")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run: its pictures in `in`, its outputs in `made`.

    Some are for review; `broken.png` failed.
    """
    folder = tmp_path_factory.mktemp("run")
    for seed in range(PICTURES):
        save(folder / "in" / f"{seed % 3}" / f"{seed:02}.png", noise(seed))
    save(folder / "in" / "evil" / HOSTILE.replace("/", "_"), noise(PICTURES))
    (folder / "in" / "broken.png").write_bytes(b"no picture")
    model = folder / "fake.keras"
    model.write_bytes(MODEL_BYTES)
    output = folder / "made" / "out.csv"
    output.parent.mkdir()
    score(folder, output)
    return folder


def score(folder: Path, output: Path) -> None:
    """Run on the pictures of `finished`; what is decided beside `output` is taken."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(RUNTIMES, "fake", "tests.support.fakes:RUNTIME")
        patch.setitem(ENGINES, "here", "tests.support.here:ENGINE")
        run(
            Options(
                in_dir=str(folder / "in"),
                output=str(output),
                model=str(folder / "fake.keras"),
                runtime="fake",
                engine="here",
                preprocess=Preprocess.PLAIN,
                review_below=0.8,
                max_failures=Limit(1),
                no_labels=True,
                quiet=True,
            )
        )


@pytest.fixture
def made(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The CSV in a copy of the run's outputs, to work on."""
    monkeypatch.setitem(RUNTIMES, "fake", "tests.support.fakes:RUNTIME")
    return Path(shutil.copytree(finished / "made", tmp_path / "made")) / "out.csv"
