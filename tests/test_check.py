"""What `--check` says, and that nothing is there after it that was not there before."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from batch_predict.check import check
from batch_predict.cli import main
from batch_predict.errors import BatchPredictError, ExitCode, Stopped
from batch_predict.job import run
from batch_predict.options import Options
from batch_predict.process.output_lock import locked
from batch_predict.storage.output_paths import lock_file
from tests.conftest import noise, save
from tests.support.here import OneByOne

MakeOptions = Callable[..., Options]


def tree(folder: Path) -> dict[str, tuple[int, bytes | None]]:
    """All below: when each was changed, and what is in the files."""
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
        for path in folder.rglob("*")
    }


@pytest.fixture
def checked(
    tmp_path: Path, options: MakeOptions, engine: OneByOne, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Checks a run over five pictures; returns what is said."""
    for seed in range(5):
        save(tmp_path / "in" / str(seed % 2) / f"{seed}.png", noise(seed))
    (tmp_path / "in" / "notes.pdf").write_bytes(b"%PDF-1.7")

    def checked(**changes: object) -> str:
        given = options(engine="here", **changes)
        capsys.readouterr()
        engine.scored = []
        before = {path: held for path, held in tree(tmp_path).items() if path != str(tmp_path)}
        assert check(given) is ExitCode.OK
        assert tree(tmp_path) == before
        assert engine.scored == []
        return capsys.readouterr().out.partition(" -> ")[0]

    return checked


NOTHING_KEPT = (
    "5 pictures found: 5 to score, 0 kept; left out: 1 PDF; 5 with truth; checked, and nothing is"
    " written"
)


def test_before_the_first_run(checked: Callable[..., str]) -> None:
    assert checked() == NOTHING_KEPT
    assert checked(quiet=True) == ""


def test_with_a_cache(tmp_path: Path, checked: Callable[..., str], options: MakeOptions) -> None:
    run(options(incremental=True, engine="here"))
    save(tmp_path / "in" / "0" / "new.png", noise(9))
    (tmp_path / "in" / "1" / "3.png").unlink()
    said = (
        "5 pictures found: 1 to score, 4 kept; 1 gone since the last finished run; left out: 1 PDF"
    )
    assert checked(incremental=True, no_labels=True) == f"{said}; checked, and nothing is written"
    assert checked().startswith("5 pictures found: 5 to score, 0 kept; ")


@pytest.mark.parametrize("journal", [False, True])
def test_after_a_run_that_was_cut_short(
    tmp_path: Path,
    checked: Callable[..., str],
    options: MakeOptions,
    engine: OneByOne,
    journal: bool,
) -> None:
    def stop(path: str, number: int) -> None:
        if number == 2:
            raise Stopped(15)

    engine.before = stop
    with pytest.raises(Stopped):
        run(options(engine="here"))
    if journal:
        (tmp_path / ".out.csv.work-journal").write_bytes(b"")
    assert checked().startswith("5 pictures found: 3 to score, 2 kept; ")


def test_what_would_be_set_aside_stays(
    tmp_path: Path,
    checked: Callable[..., str],
    options: MakeOptions,
    caplog: pytest.LogCaptureFixture,
) -> None:
    run(options(incremental=True, engine="here"))
    caplog.clear()
    assert checked(incremental=True, max_pixels=7).startswith("5 pictures found: 5 to score")
    cache = tmp_path / "out.csv.cache"
    assert caplog.messages == [f"{cache} would be set aside: it was made with another max_pixels"]


def test_a_part(checked: Callable[..., str]) -> None:
    found = [int(checked(shard=f"{k}/2").split()[0]) for k in range(2)]
    assert sum(found) == 5


def test_a_folder_of_sheets_is_not_made(checked: Callable[..., str], tmp_path: Path) -> None:
    checked(save_prepared=str(tmp_path / "sheets"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"in_dir": "missing"}, ExitCode.INPUT, id="no-folder"),
        pytest.param({"output": "foreign.csv"}, ExitCode.USAGE, id="not-ours"),
        pytest.param({"output": "missing/out.csv"}, ExitCode.OUTPUT, id="no-place"),
        pytest.param({"model": "missing.keras"}, ExitCode.MODEL, id="no-model"),
        pytest.param({"no_labels": False, "min_accuracy": 0.5}, ExitCode.USAGE, id="no-truth"),
    ],
)
def test_it_ends_as_the_run_would(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: MakeOptions,
    engine: OneByOne,
    changes: dict[str, object],
    code: ExitCode,
) -> None:
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "in" / "a.png", noise(0))
    (tmp_path / "foreign.csv").write_text("mine\n")
    before = tree(tmp_path)
    for action in (check, run):
        with pytest.raises(BatchPredictError) as raised:
            action(options(engine="here", **changes))
        assert raised.value.exit_code is code
        assert tree(tmp_path) == before


def test_a_run_that_is_on(tmp_path: Path, options: MakeOptions, engine: OneByOne) -> None:
    save(tmp_path / "in" / "a.png", noise(0))
    given = options(engine="here")
    with locked(lock_file(given.output)), pytest.raises(BatchPredictError) as raised:
        check(given)
    assert raised.value.exit_code is ExitCode.LOCKED


def test_the_command(tmp_path: Path, model_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(tmp_path / "in" / "a.png", noise(0))
    arguments = [str(tmp_path / "in"), str(tmp_path / "out.csv"), "--model", str(model_file)]
    assert main([*arguments, "--runtime", "fake", "--check"]) == ExitCode.OK
    assert capsys.readouterr().out.startswith("1 picture found: 1 to score, 0 kept; checked")
    assert os.listdir(tmp_path) == ["in"]
