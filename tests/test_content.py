"""The sha256 of each picture is that of its file, whoever read it, however it ended."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from batch_predict import job
from batch_predict.engines.tasks import SIDE_BY_SIDE_PIXELS
from batch_predict.normalize.modes import Preprocess
from batch_predict.option_values import Limit
from batch_predict.options import Options
from tests.conftest import noise, save
from tests.support.here import OneByOne

MakeOptions = Callable[..., Options]
SIDE_OF_LARGE = int(SIDE_BY_SIDE_PIXELS**0.5) + 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Plain pictures, one to be marked, one alone, a blank one, broken ones and a copy."""
    folder = tmp_path / "in"
    for number in range(40):
        save(folder / f"{number:02d}.png", noise(number))
    page = np.full((200, 150), 255, np.uint8)
    save(folder / "blank.bmp", page)
    page[20:120, 60:75] = 0
    save(folder / "page.png", page)
    save(folder / "large.png", np.zeros((SIDE_OF_LARGE, SIDE_OF_LARGE), np.uint8))
    (folder / "copy.png").write_bytes((folder / "07.png").read_bytes())
    (folder / "cut.png").write_bytes((folder / "08.png").read_bytes()[:99])
    (folder / "empty.png").touch()
    return folder


def kept(output: Path) -> dict[str, bytes | None]:
    """The contents in the cache of `output`, by path."""
    with closing(sqlite3.connect(f"{output}.cache")) as db:
        return dict(db.execute("SELECT path, content FROM rows"))


@pytest.mark.parametrize(
    ("engine", "batch_size"),
    [("local", 3), ("local", 256), pytest.param("ray", 3, marks=pytest.mark.ray)],
)
def test_it_is_that_of_the_file(
    engine: str, batch_size: int, folder: Path, options: MakeOptions, tmp_path: Path
) -> None:
    expected = {file.name: sha256(file.read_bytes()).digest() for file in folder.iterdir()}
    given = {"max_failures": Limit(1, is_share=True), "incremental": True, "workers": 2}
    made = options(engine=engine, batch_size=batch_size, preprocess=Preprocess.AUTO, **given)
    manifest = job.score_folder(made)
    assert manifest.record.counts.exact_copies == 1
    assert kept(tmp_path / "out.csv") == expected
    job.score_folder(made)  # keeps all rows
    assert kept(tmp_path / "out.csv") == expected
    save(folder / "00.png", noise(99))
    (folder / "01.png").rename(folder / "moved.png")
    assert job.score_folder(made).record.walk.kept == len(expected) - 2
    now = kept(tmp_path / "out.csv")
    assert now["00.png"] == sha256((folder / "00.png").read_bytes()).digest() != expected["00.png"]
    assert now["moved.png"] == expected["01.png"]


def test_a_run_goes_on_with_what_was_kept(
    engine: OneByOne, folder: Path, options: MakeOptions, tmp_path: Path
) -> None:
    def die(path: str, number: int) -> None:
        if number == 20:
            raise KeyboardInterrupt

    engine.before = die
    made = options(engine="here", incremental=True, max_failures=Limit(1, is_share=True))
    with pytest.raises(KeyboardInterrupt):
        job.run(made)
    engine.reset()
    assert job.score_folder(made).record.walk.kept == 20
    expected = {file.name: sha256(file.read_bytes()).digest() for file in folder.iterdir()}
    assert kept(tmp_path / "out.csv") == expected
