"""Pictures that the last finished run found, and this one does not."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from batch_predict import job
from batch_predict.errors import ExitCode
from batch_predict.option_values import Limit
from batch_predict.options import Options
from tests.conftest import noise, save
from tests.support.here import OneByOne

MakeOptions = Callable[..., Options]
Run = Callable[..., tuple[ExitCode, int]]
ALL = {"max_gone": "100%"}


class Killed(BaseException):
    """The run ends here."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten pictures, six of them in the folder `day`."""
    for number in range(10):
        save(tmp_path / "in" / ("day" if number < 6 else "") / f"{number}.png", noise(number))
    return tmp_path / "in"


@pytest.fixture
def run(engine: OneByOne, options: MakeOptions) -> Run:
    """Runs with --incremental; returns the exit code and how many pictures were scored."""

    def run(**changes: Any) -> tuple[ExitCode, int]:
        engine.scored = []
        return job.run(options(engine="here", **{"incremental": True, **changes})), len(
            engine.scored
        )

    return run


def killed_at(engine: OneByOne, number: int, run: Callable[[], object]) -> None:
    """`run` ends as by a kill when it comes to its picture of that `number`."""

    def die(path: str, at: int) -> None:
        if at == number:
            raise Killed

    engine.before = die
    with pytest.raises(Killed):
        run()
    engine.reset()


def lose(folder: Path) -> None:
    (folder / "day").rename(folder.parent / "moved")


def give_back(folder: Path) -> None:
    (folder.parent / "moved").rename(folder / "day")


def rows(tmp_path: Path) -> int:
    return len((tmp_path / "out.csv").read_text().splitlines()) - 1


def test_over_the_limit_all_is_written_and_nothing_forgotten(
    folder: Path, run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert run() == (ExitCode.OK, 10)
    lose(folder)
    for _ in range(2):
        assert run() == (ExitCode.GATE, 0)
        assert "of 10 pictures of the last finished run, 6 are gone" in caplog.messages[-1]
        assert rows(tmp_path) == 4
        told = json.loads((tmp_path / "out.run.json").read_text())
        assert (told["gone"], told["exit_code"]) == ({"pictures": 6, "of": 10}, 5)
    give_back(folder)
    assert run() == (ExitCode.OK, 0)
    assert rows(tmp_path) == 10


def test_a_loss_that_is_accepted_is_forgotten(folder: Path, run: Run) -> None:
    run()
    lose(folder)
    assert run(**ALL) == (ExitCode.OK, 0)
    assert run() == (ExitCode.OK, 0)
    give_back(folder)
    assert run() == (ExitCode.OK, 6)


@pytest.mark.parametrize(
    ("limit", "lost", "code"),
    [
        pytest.param(None, 5, ExitCode.OK, id="half"),
        pytest.param(None, 6, ExitCode.GATE, id="over half"),
        pytest.param("3", 3, ExitCode.OK, id="a number"),
        pytest.param("3", 4, ExitCode.GATE, id="more than a number"),
        pytest.param("0", 1, ExitCode.GATE, id="none at all"),
        pytest.param("10%", 1, ExitCode.OK, id="a share"),
        pytest.param("9.9%", 1, ExitCode.GATE, id="more than a share"),
    ],
)
def test_the_limit(folder: Path, run: Run, limit: str | None, lost: int, code: ExitCode) -> None:
    run()
    for path in sorted(folder.rglob("*.png"))[:lost]:
        path.unlink()
        save(path.with_name(f"new-{path.name}"), noise(99))  # no new one stands in for it
    assert run(max_gone=limit)[0] is code


def test_losses_add_up_until_one_is_accepted(folder: Path, run: Run) -> None:
    run()
    lose(folder)
    assert run() == (ExitCode.GATE, 0)
    (folder / "9.png").unlink()
    assert run(max_gone="6") == (ExitCode.GATE, 0)
    assert run(max_gone="7") == (ExitCode.OK, 0)
    (folder / "8.png").unlink()
    assert run(max_gone="1") == (ExitCode.OK, 0)


def test_new_pictures_accept_no_loss(folder: Path, run: Run) -> None:
    run()
    lose(folder)
    for night in range(3):  # after which the 6 are no half of all that was ever found
        for number in range(4):
            save(folder / f"night {night}" / f"{number}.png", noise(number))
        assert run() == (ExitCode.GATE, 4)
    give_back(folder)
    assert run() == (ExitCode.OK, 0)


def test_a_failure_wins(folder: Path, run: Run) -> None:
    run()
    lose(folder)
    (folder / "bad.png").write_bytes(b"no picture")
    assert run()[0] is ExitCode.FAILURES
    give_back(folder)
    assert run(max_failures="1") == (ExitCode.OK, 0)


def test_a_picture_that_failed_was_there(folder: Path, run: Run) -> None:
    for number in range(6):
        (folder / "day" / f"{number}.png").write_bytes(b"no picture")
    run(max_failures="6")
    lose(folder)
    assert run()[0] is ExitCode.GATE


@pytest.mark.parametrize("killed", [0, 1])
def test_runs_that_were_cut_short_count_for_nothing(
    folder: Path, run: Run, engine: OneByOne, killed: int
) -> None:
    run()
    for number in range(20, 40):
        save(folder / "new" / f"{number}.png", noise(number))
    killed_at(engine, 15, run)
    shutil.rmtree(folder / "new")  # it was in no finished run
    if killed:
        lose(folder)
        save(folder / "another.png", noise(50))
        killed_at(engine, 0, run)
        assert run() == (ExitCode.GATE, 1)
    else:
        assert run() == (ExitCode.OK, 0)


def test_a_run_without_a_cache_in_between(folder: Path, run: Run, engine: OneByOne) -> None:
    run()
    save(folder / "new.png", noise(20))
    killed_at(engine, 0, run)
    lose(folder)
    assert run(incremental=False) == (ExitCode.OK, 1)  # it went on from what was the cache
    assert run() == (ExitCode.GATE, 0)


def test_one_that_was_cut_short_lies_beside_the_cache(
    folder: Path, run: Run, engine: OneByOne
) -> None:
    run()
    lose(folder)
    killed_at(engine, 3, lambda: run(incremental=False))
    assert run() == (ExitCode.GATE, 0)  # three rows of the one, the fourth of the other
    give_back(folder)
    assert run() == (ExitCode.OK, 0)


def set_aside(cache: Path) -> dict[str, Any]:
    return {"batch_size": 7}


def garble(cache: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(cache, isolation_level=None)) as db:
        db.execute("UPDATE rows SET reason = 'x'")
    return {}


@pytest.mark.parametrize("change", [set_aside, garble])
def test_a_cache_whose_rows_are_of_no_use_still_tells_what_was_there(
    folder: Path, run: Run, tmp_path: Path, change: Callable[[Path], dict[str, Any]]
) -> None:
    run()
    lose(folder)
    options = change(tmp_path / "out.csv.cache")
    assert run(**options) == (ExitCode.GATE, 4)
    assert run(**options) == (ExitCode.GATE, 0)


def test_one_of_another_folder_tells_nothing(folder: Path, run: Run, tmp_path: Path) -> None:
    run()
    save(tmp_path / "other" / "a.png", noise(0))
    assert run(in_dir=str(tmp_path / "other")) == (ExitCode.OK, 1)


def test_no_cache_tells_nothing(folder: Path, run: Run, tmp_path: Path) -> None:
    run()
    lose(folder)
    (tmp_path / "out.csv.cache").unlink()
    assert run(max_gone="0") == (ExitCode.OK, 4)


def test_what_is_out_of_reach_is_no_loss(
    folder: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("/day"):
            raise OSError(116, "Stale file handle", path)
        return listed(path)

    run()
    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", scandir)
        for _ in range(2):
            assert run(max_gone="0") == (ExitCode.FAILURES, 1)
        assert "day/,,,failed,unreadable: the folder can't be listed" in (
            tmp_path / "out.csv"
        ).read_text(encoding="utf-8")
        assert json.loads((tmp_path / "out.run.json").read_text())["gone"]["pictures"] == 0
    assert run(max_gone="0") == (ExitCode.OK, 0)
    lose(folder)
    assert run() == (ExitCode.GATE, 0)


@pytest.mark.parametrize("linked", ["folder", "files"])
def test_links_that_lead_nowhere_keep_their_rows(
    folder: Path, run: Run, tmp_path: Path, linked: str
) -> None:
    lose(folder)
    (folder / "day").mkdir()
    if linked == "folder":
        (folder / "linked").symlink_to(tmp_path / "moved")
    for number in range(6) if linked == "files" else ():
        (folder / "day" / f"{number}.png").symlink_to(tmp_path / f"moved/{number}.png")
    given = {"follow_links": True, "max_gone": "0", "max_failures": "6"}
    assert run(**given) == (ExitCode.OK, 10)
    (tmp_path / "moved").rename(tmp_path / "out of reach")
    assert run(**given) == (ExitCode.OK, 1 if linked == "folder" else 6)
    assert (tmp_path / "out.csv").read_text().count(",failed,unreadable: ") == (
        1 if linked == "folder" else 6
    )
    (tmp_path / "out of reach").rename(tmp_path / "moved")
    assert run(**given) == (ExitCode.OK, 0)
    assert rows(tmp_path) == 10


def test_a_shard_compares_with_its_own(folder: Path, run: Run) -> None:
    for shard in ("0/2", "1/2"):
        assert run(output=str(folder.parent / f"{shard[0]}.csv"), shard=shard)[0] is ExitCode.OK
    lose(folder)
    codes = [
        run(output=str(folder.parent / f"{shard[0]}.csv"), shard=shard, max_gone="0")[0]
        for shard in ("0/2", "1/2")
    ]
    assert codes == [ExitCode.GATE, ExitCode.GATE]


def test_the_limit_is_stored_as_it_was_said(folder: Path, run: Run, tmp_path: Path) -> None:
    run(max_gone=Limit.parse("7%"))
    assert json.loads((tmp_path / "out.run.json").read_text())["arguments"]["max_gone"] == "7%"
