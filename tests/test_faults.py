"""What goes wrong under a run: one clear line, the right code, old outputs whole, no row lost."""

import contextlib
import errno
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from batch_predict import job
from batch_predict.checkpoint import database
from batch_predict.errors import ExitCode, InputError, OutputError
from batch_predict.options import Options
from batch_predict.records import ImageRef
from batch_predict.stages import walking
from batch_predict.storage import staging
from batch_predict.storage.folder_walk import FolderWalk
from tests.conftest import OLD_CSV, noise, save
from tests.support import cheap, fakes
from tests.support.here import OneByOne

MakeOptions = Callable[..., Options]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six pictures with truth, and an old CSV."""
    for number in range(6):
        digit = fakes.expected(noise(number))[0]
        save(tmp_path / "in" / str(digit) / f"{number}.png", noise(number))
    (tmp_path / "out.csv").write_text(OLD_CSV)
    return tmp_path


@pytest.fixture
def here(engine: OneByOne, options: MakeOptions) -> MakeOptions:
    return lambda **changes: options(engine="here", **changes)


def flip_link(folder: Path) -> None:
    other = folder / "flipped"
    other.symlink_to("other")
    other.replace(folder / "link")


def make_anew(folder: Path) -> None:
    """The new folder may get the number of the old one."""
    shutil.rmtree(folder / "in")
    shutil.copytree(folder / "other", folder / "in")


def put_in_its_place(folder: Path) -> None:
    (folder / "in").rename(folder / "moved")
    (folder / "other").rename(folder / "in")


def take_away(folder: Path) -> None:
    (folder / "in").rename(folder / "moved")


@pytest.mark.parametrize("replace", [flip_link, make_anew, put_in_its_place, take_away])
@pytest.mark.parametrize("moment", ["walked", "first", "between", "last", "written"])
def test_another_folder_in_its_place(
    folder: Path,
    here: MakeOptions,
    engine: OneByOne,
    monkeypatch: pytest.MonkeyPatch,
    replace: Callable[[Path], None],
    moment: str,
) -> None:
    """Though every file has the size and time of the one before."""
    (folder / "link").symlink_to("in")
    in_dir = str(folder / ("link" if replace is flip_link else "in"))
    for number, path in enumerate(sorted((folder / "in").rglob("*.png"))):
        other = folder / "other" / path.relative_to(folder / "in")
        for each, seed in ((path, number), (other, number + 50)):
            each.parent.mkdir(parents=True, exist_ok=True)
            each.write_bytes(b"P5 28 28 255\n" + noise(seed).tobytes())
            os.utime(each, ns=(1, 1))
    at = {"first": 0, "between": 2, "last": 5}.get(moment)
    engine.before = lambda path, number: replace(folder) if number == at else None
    if moment in ("walked", "written"):
        owner, name = {"walked": (walking, "check_can_be_met"), "written": (job, "save_prepared")}[
            moment
        ]
        real = getattr(owner, name)

        def replaced_first(*args: object, **keywords: object) -> object:
            replace(folder)
            return real(*args, **keywords)

        monkeypatch.setattr(owner, name, replaced_first)
    with pytest.raises(InputError, match=f"{in_dir} went away: "):
        job.run(here(in_dir=in_dir))
    assert (folder / "out.csv").read_text() == OLD_CSV
    assert not (folder / "out.run.json").exists()


@pytest.mark.parametrize("name", ["out.csv", "out.report.json", "out.report.html", "out.run.json"])
def test_no_space_for_an_output(
    folder: Path,
    here: MakeOptions,
    engine: OneByOne,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add = staging.Staged.add

    def full(staged: staging.Staged, target: str) -> str:
        path = add(staged, target)
        if target.endswith(name):
            os.unlink(path)
            os.symlink("/dev/full", path)
        return path

    with monkeypatch.context() as patched:
        patched.setattr(staging.Staged, "add", full)
        with pytest.raises(OutputError, match="No space left on device"):
            job.run(here())
    assert (folder / "out.csv").read_text() == OLD_CSV
    assert not (folder / "out.run.json").exists()
    engine.reset()
    assert job.run(here()) is ExitCode.OK
    assert engine.scored == []


def test_no_space_for_the_work_file(
    folder: Path, here: MakeOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    little = f"PRAGMA page_size = 512; PRAGMA max_page_count = 5; {database._SETTINGS}"
    with monkeypatch.context() as patched:
        patched.setattr(database, "_SETTINGS", little)
        with pytest.raises(OutputError, match=r"work file .* disk is full"):
            job.run(here())
    assert (folder / "out.csv").read_text() == OLD_CSV


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(-1, id="a second before 1970"),
        pytest.param(-(2**31), id="1901"),
        pytest.param(2**31, id="2038"),
        pytest.param(2**63 // 10**9 + 1, id="2262: more nanoseconds than 63 bits"),
        pytest.param(15_000_000_000, id="2445"),
    ],
)
def test_a_file_time_of_an_odd_clock(
    folder: Path, here: MakeOptions, engine: OneByOne, second: int
) -> None:
    odd = next((folder / "in").glob("*/0.png"))
    os.utime(odd, (second, second))
    assert job.run(here(incremental=True)) is ExitCode.OK
    assert len(engine.scored) == 6
    assert job.run(here(incremental=True)) is ExitCode.OK
    assert len(engine.scored) == 6  # the engine was not asked again
    os.utime(odd, (second, second + 1))
    assert job.run(here(incremental=True)) is ExitCode.OK
    assert engine.scored == [str(odd.relative_to(folder / "in"))]


def test_sizes_that_no_disk_has(
    folder: Path, here: MakeOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = iter([2**63, 2**64 - 1, -(2**63)])

    walk = FolderWalk.__iter__

    def claimed(self: FolderWalk) -> Iterator[ImageRef]:
        for ref in walk(self):
            size = next(sizes, ref.size)
            yield ref._replace(size=size, version=f"{size} 0")

    monkeypatch.setattr(FolderWalk, "__iter__", claimed)
    assert job.run(here()) is ExitCode.FAILURES
    rows = (folder / "out.csv").read_text().splitlines()[1:]
    assert ["too_large" in row for row in rows] == [True] * 3 + [False] * 3


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        pytest.param(".lock", [], id="the lock"),
        pytest.param(".work", ["can't remove", "Device or resource busy"], id="the checkpoint"),
    ],
)
def test_what_can_not_be_removed_when_all_is_written(
    folder: Path,
    here: MakeOptions,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    ending: str,
    said: list[str],
) -> None:
    unlink = os.unlink

    def busy(path: str) -> None:
        if str(path).endswith(ending):
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), path)
        unlink(path)

    with monkeypatch.context() as patched, caplog.at_level("WARNING", "batch_predict"):
        patched.setattr(os, "unlink", busy)
        assert job.run(here()) is ExitCode.OK
    assert len((folder / "out.csv").read_text().splitlines()) == 7
    assert len(caplog.messages) == bool(said)
    assert all(words in caplog.text for words in said)
    assert job.run(here()) is ExitCode.OK


OUTPUTS = ("out.csv", "out.run.json", "out.report.html", "x.prom", "sheets/prepared-1.png")


@pytest.mark.parametrize("name", OUTPUTS)
@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(Path.mkdir, "Is a directory", id="a folder"),
        pytest.param(lambda path: path.symlink_to("gone/x"), "No such file or dir", id="nowhere"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_any_work(
    folder: Path,
    here: MakeOptions,
    engine: OneByOne,
    name: str,
    spoil: Callable[[Path], None],
    words: str,
) -> None:
    given = {"metrics_file": str(folder / "x.prom"), "save_prepared": str(folder / "sheets")}
    (folder / "sheets").mkdir()
    (folder / name).unlink(missing_ok=True)
    spoil(folder / name)
    with pytest.raises(OutputError, match=words):
        job.run(here(**given))
    assert engine.scored == []
    assert not (folder / "out.run.json").is_file()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("out.csv/x.prom", "Not a directory", id="below a file"),
        pytest.param("x" * 249 + ".prom", "File name too long", id="a long name"),
    ],
)
def test_an_output_that_has_no_place(
    folder: Path, here: MakeOptions, engine: OneByOne, name: str, words: str
) -> None:
    with pytest.raises(OutputError, match=words):
        job.run(here(metrics_file=str(folder / name)))
    assert engine.scored == []


def test_a_run_without_pictures_makes_no_folder(folder: Path, here: MakeOptions) -> None:
    options = here(in_dir=str(folder / "gone"), save_prepared=str(folder / "gone" / "sheets"))
    with pytest.raises(InputError, match="can't list"):
        job.run(options)
    assert not (folder / "gone").exists()


def test_what_is_not_written_need_not_be(folder: Path, here: MakeOptions) -> None:
    (folder / "out.csv.cache").mkdir()
    assert job.run(here()) is ExitCode.OK


def test_a_folder_of_sheets_that_is_a_file(
    folder: Path, here: MakeOptions, engine: OneByOne
) -> None:
    with pytest.raises(OutputError, match=r"out\.csv/prepared-1\.png: Not a directory"):
        job.run(here(save_prepared=str(folder / "out.csv")))
    assert engine.scored == []


@contextlib.contextmanager
def little_space(folder: Path, kilobytes: int) -> Iterator[list[str]]:
    """A small disk at `folder`; where mounts are not allowed, a wrapper that limits every file."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        yield ["prlimit", f"--fsize={kilobytes << 10}"]
        return
    try:
        yield []
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow
def test_a_disk_too_small_by_less_and_less(tmp_path: Path) -> None:
    """So that each output in turn is the one that does not fit."""
    cheap.pictures(tmp_path, 1000)
    out = tmp_path / "out"
    out.mkdir()
    codes = []
    for kilobytes in (*range(40, 400, 40), 2000):
        with little_space(out, kilobytes) as wrapper:
            (out / "out.csv").write_text(OLD_CSV)
            code, _, err = cheap.finish(cheap.start(tmp_path, output="out/out.csv", under=wrapper))
            codes.append(code)
            if code:
                assert err.startswith("batch_predict: can't write ")
                assert len(err.splitlines()) == 1
                assert (out / "out.csv").read_text() == OLD_CSV
    assert set(codes) == {0, 8}
    assert codes == sorted(codes, reverse=True)


@pytest.mark.parametrize(
    "lose",
    [
        pytest.param(lambda gone: None, id="unmounted"),
        pytest.param(lambda gone: gone.mkdir(), id="an empty mount point is left"),
    ],
)
def test_in_dir_goes_away_in_the_middle(
    folder: Path, here: MakeOptions, engine: OneByOne, lose: Callable[[Path], None]
) -> None:
    in_dir, elsewhere = folder / "in", folder / "elsewhere"

    def go_away(path: str, number: int) -> None:
        if number == 3:
            in_dir.rename(elsewhere)
            lose(in_dir)

    engine.before = go_away
    with pytest.raises(InputError, match="in went away"):
        job.run(here())
    assert (folder / "out.csv").read_text() == OLD_CSV
    if in_dir.exists():
        in_dir.rmdir()
    elsewhere.rename(in_dir)
    engine.reset()
    assert job.run(here()) is ExitCode.OK
    assert len(engine.scored) == 3


def test_files_that_vanish_grow_and_change_while_it_runs(
    folder: Path, here: MakeOptions, engine: OneByOne
) -> None:
    first, second, third, *_ = sorted((folder / "in").glob("*/*.png"))

    def meddle(path: str, number: int) -> None:
        if number == 0:
            first.unlink()
            with second.open("ab") as file:
                file.write(b"more")
            save(third, noise(99))
            os.utime(third, ns=(1, 1))

    engine.before = meddle
    assert job.run(here(incremental=True)) is ExitCode.FAILURES
    told = json.loads((folder / "out.run.json").read_text())
    assert told["reasons"]["failed"] == {"vanished": 1, "unreadable": 2}
    engine.reset()
    assert job.run(here(incremental=True)) is ExitCode.OK
    assert engine.scored == [str(path.relative_to(folder / "in")) for path in (second, third)]


def test_a_clock_that_jumps(
    folder: Path, here: MakeOptions, engine: OneByOne, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.before = lambda path, number: monkeypatch.setattr(time, "time", lambda: -1e9 * number)
    assert job.run(here()) is ExitCode.OK
    assert 0 < json.loads((folder / "out.run.json").read_text())["duration_s"] < 60
