"""What a run writes beside its table, and what it tells of the pictures that failed."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from batch_predict import job
from batch_predict.options import Options
from batch_predict.report import contact_sheet
from tests.conftest import noise, save
from tests.support.here import OneByOne

MakeOptions = Callable[..., Options]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good picture, and three that fail, each in its way; their order is that of their rows."""
    save(tmp_path / "in" / "b.png", noise(0))
    whole = (tmp_path / "in" / "b.png").read_bytes()
    (tmp_path / "in" / "a.png").write_bytes(whole[:33] + bytes(200))
    (tmp_path / "in" / "c\nd.png").write_bytes(whole)  # see `go_away`
    (tmp_path / "in" / "e.png").write_text("words")
    return tmp_path


def go_away(path: str, number: int) -> None:
    """Before each picture."""
    if number == 0:
        next(Path.cwd().glob("in/c*")).unlink()


def failed(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    lines = [
        record.message for record in caplog.records if record.name == "batch_predict.stages.outputs"
    ]
    caplog.clear()
    return [(line.split(": ")[0], line) for line in lines]


def test_a_failed_picture_is_a_line_with_its_cause(
    folder: Path,
    options: MakeOptions,
    engine: OneByOne,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "batch_predict")
    monkeypatch.chdir(folder)
    engine.before = go_away
    job.run(options(engine="here"))
    lines = failed(caplog)
    assert [path for path, _ in lines] == ["a.png", "c\\x0ad.png", "e.png"]
    damaged, vanished, words = (line for _, line in lines)
    assert "with pixel rows missing; caused by SyntaxError: broken PNG file" in damaged
    assert "turn came; caused by FileNotFoundError: [Errno 2] No such file or dir" in vanished
    assert "no picture format that is known; caused by " in words


def test_a_run_that_goes_on_tells_the_causes_of_the_earlier_one_too(
    folder: Path, options: MakeOptions, engine: OneByOne, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "batch_predict")
    (folder / "in" / "c\nd.png").unlink()
    job.run(options(engine="here", incremental=True))
    first = failed(caplog)
    job.run(options(engine="here", incremental=True))
    assert engine.scored == ["a.png", "b.png", "e.png"]  # none in the second run
    assert failed(caplog) == first


def test_unasked_nothing_is_told(
    folder: Path, options: MakeOptions, engine: OneByOne, caplog: pytest.LogCaptureFixture
) -> None:
    job.run(options(engine="here"))
    assert failed(caplog) == []


def test_contact_sheets_of_an_earlier_run_with_more_pictures_go(
    folder: Path, options: MakeOptions, engine: OneByOne
) -> None:
    sheets = folder / "sheets"
    sheets.mkdir()
    for name in ("prepared-1.png", "prepared-2.png", "prepared-5.png", "mine.png"):
        Image.new("L", (1, 1)).save(sheets / name, pnginfo=contact_sheet.mark())
    job.run(options(engine="here", save_prepared=str(sheets)))
    assert sorted(path.name for path in sheets.iterdir()) == ["mine.png", "prepared-1.png"]
