"""Every call to the system fails once, with every error that it may give: the run stays whole.

It ends with a complete CSV, or with a documented exit code and the old outputs; the next run makes
the CSV of an undisturbed one.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from batch_predict import job
from batch_predict.checkpoint import database
from batch_predict.cli_common import exit_code_of
from batch_predict.errors import ExitCode
from batch_predict.options import Options
from tests.support.cheap import pictures
from tests.support.faults import Fault, Faults, every_fault
from tests.support.here import OneByOne

MakeOptions = Callable[..., Options]
WRITTEN: Final = frozenset({ExitCode.OK, ExitCode.FAILURES, ExitCode.GATE})
#: codes of a run that changes no output, and what is said then
REFUSED: Final = frozenset({ExitCode.USAGE, ExitCode.INPUT, ExitCode.MODEL, ExitCode.OUTPUT})
COUNT: Final = 3  # pictures


class Scene(NamedTuple):
    """A folder before a run, and what an undisturbed run makes of it."""

    before: Path
    options: Options
    expected: bytes


def run(options: Options) -> int:
    return exit_code_of(lambda: job.run(options))


@pytest.fixture(params=["new", "old outputs", "incremental", "goes on", "set aside"])
def scene(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    options: MakeOptions,
    engine: OneByOne,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Scene:
    # What is flushed to the disk is not what is tried here, and takes nine tenths of the time.
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    settings = database._SETTINGS.replace("synchronous = NORMAL", "synchronous = OFF")
    monkeypatch.setattr(database, "_SETTINGS", settings)
    pictures(tmp_path, COUNT)
    given = options(
        engine="here",
        quiet=True,
        incremental=request.param == "incremental",
        metrics_file=str(tmp_path / "out.prom"),
    )
    if request.param in ("goes on", "set aside"):
        stop_after(engine, 2)
        other = replace(given, batch_size=given.batch_size + (request.param == "set aside"))
        assert run(other) == ExitCode.BUG
        engine.reset()
        capsys.readouterr()
    elif request.param != "new":
        assert run(given) == ExitCode.OK
        changed = min((tmp_path / "in").rglob("*.pgm"))
        changed.write_bytes(changed.read_bytes()[:-1] + b"\0")
    before = tmp_path / "before"
    shutil.copytree(tmp_path, before, ignore=lambda *_: ["before"])
    assert run(given) == ExitCode.OK
    return Scene(before, given, (tmp_path / "out.csv").read_bytes())


def stop_after(engine: OneByOne, count: int) -> None:
    def stop(path: str, number: int) -> None:
        if number == count:
            raise ZeroDivisionError

    engine.before = stop


def restore(scene: Scene) -> None:
    """The folder as it was before the run; files keep their times."""
    folder = scene.before.parent
    for path in folder.iterdir():
        if path.is_dir() and path != scene.before:
            shutil.rmtree(path)
        elif path != scene.before:
            path.unlink()
    shutil.copytree(scene.before, folder, dirs_exist_ok=True)


def outputs(folder: Path) -> dict[str, bytes]:
    names = ("out.csv", "out.run.json", "out.prom")
    return {name: (folder / name).read_bytes() for name in names if (folder / name).exists()}


def faults(scene: Scene) -> Iterator[Fault]:
    """Every fault of the run, call by call."""
    restore(scene)
    with Faults(str(scene.before.parent)).injected() as counted:
        assert run(scene.options) == ExitCode.OK
    yield from every_fault(counted.calls)


class Ended(NamedTuple):
    """A run over the folder of a scene, and what was there before and afterwards."""

    code: int
    said: str  # on stderr
    old: dict[str, bytes]
    new: dict[str, bytes]


def wrong_end(ended: Ended, fault: Fault, expected: bytes) -> str | None:
    """What is wrong with the end of a run with `fault`; None where nothing is."""
    code, said, old, new = ended
    lines = [line for line in said.splitlines() if "is set aside" not in line]
    csv, manifest = new.get("out.csv", b""), json.loads(new.get("out.run.json", b"{}"))
    is_of_csv = manifest.get("csv_sha256") == sha256(csv).hexdigest()
    checks: tuple[tuple[str, bool], ...]
    if code in WRITTEN:
        checks = (
            ("another number of rows", len(csv.splitlines()) == 1 + COUNT),
            ("another CSV", code != ExitCode.OK or csv == expected),
            ("a manifest of another CSV", is_of_csv),
        )
    else:
        # All is in place where the folder can't be flushed, or the metrics or the cache come after.
        is_new = csv == expected and is_of_csv
        checks = (
            ("a code that is not documented", code in REFUSED),
            ("another number of lines", 1 <= len(lines) <= 1 + fault.lasting),
            ("the CSV is neither old nor new", is_new or csv == old.get("out.csv", b"")),
            ("an output is gone", not old.keys() - new.keys()),
        )
    checks += (("a traceback", "Traceback" not in said),)
    return next((words for words, holds in checks if not holds), None)


def wrong_rerun(scene: Scene, code: int, said: str) -> str | None:
    """What is wrong with the next run; None where nothing is."""
    folder = scene.before.parent
    checks = (
        (f"the next run ends with {code}: {said}", code == ExitCode.OK),
        (f"the next run says {said}", not said or "set aside" in said),
        ("the next run makes another CSV", outputs(folder).get("out.csv") == scene.expected),
        ("something is left", all(".old" in path.suffixes for path in folder.glob(".out*"))),
    )
    return next((words for words, holds in checks if not holds), None)


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(1, marks=[pytest.mark.long, pytest.mark.timeout(7200)], id="every one"),
        pytest.param(61, marks=[pytest.mark.slow, pytest.mark.timeout(900)], id="every 61st"),
        pytest.param(499, id="every 499th"),
    ],
)
def test_every_fault_leaves_all_whole(
    scene: Scene, step: int, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(scene.before.parent)
    tried = list(faults(scene))[::step]
    complaints = []
    for fault in tried:
        restore(scene)
        old = outputs(scene.before.parent)
        capsys.readouterr()
        with Faults(folder, fault).injected() as injected:
            code = run(scene.options)
        said = capsys.readouterr().err
        new = outputs(scene.before.parent)
        words = wrong_end(Ended(code, said, old, new), fault, scene.expected)
        words = words or wrong_rerun(scene, run(scene.options), capsys.readouterr().err)
        if words:
            complaints.append(f"{fault}, {injected.where}: exit {code}, {said}: {words}")
    assert complaints == []
    print(f"{len(tried)} faults")
