"""A finished run with truth, for the tests of the report."""

import shutil
from pathlib import Path

import pytest

from batch_predict.errors import ExitCode
from batch_predict.job import run
from batch_predict.normalize.modes import Preprocess
from batch_predict.options import Options
from batch_predict.runtimes import RUNTIMES
from tests.conftest import noise, save
from tests.support.fakes import expected

PICTURES = 30
#: of pictures that are told wrong, so that the page shows them
HOSTILE = ("<script>alert(1)</script>.png", '"><img src=x>.png', "=cmd|' /C calc'!A0.png")


@pytest.fixture(scope="package")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The outputs of a run over folders named by what the fake runtime says, but for HOSTILE."""
    folder = tmp_path_factory.mktemp("run")
    for seed in range(PICTURES):
        wrong = seed < len(HOSTILE)
        label = (expected(noise(seed))[0] + wrong) % 10
        save(folder / "in" / str(label) / (HOSTILE[seed] if wrong else f"{seed}.png"), noise(seed))
    model = folder / "fake.keras"
    model.write_bytes(b"PK\x03\x04fake")
    output = folder / "made" / "out.csv"
    output.parent.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(RUNTIMES, "fake", "tests.support.fakes:RUNTIME")
        code = run(
            Options(
                in_dir=str(folder / "in"),
                output=str(output),
                model=str(model),
                runtime="fake",
                preprocess=Preprocess.PLAIN,
                probabilities=True,
            )
        )
    assert code is ExitCode.OK
    return output.parent


@pytest.fixture
def made(finished: Path, tmp_path: Path) -> Path:
    """The CSV in a copy of the finished run's outputs, to work on."""
    return Path(shutil.copytree(finished, tmp_path / "made")) / "out.csv"
