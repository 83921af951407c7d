"""Every call to the system of `merge` and `report` fails once: all or nothing is replaced.

They end well, or with a documented exit code in words and the old outputs; said again, they do what
they do undisturbed. As `test_every_fault` for runs.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from batch_predict import job
from batch_predict.errors import ExitCode
from batch_predict.merge.cli import main as merge
from batch_predict.options import Options
from batch_predict.report.cli import main as report
from batch_predict.shard import Shard
from tests.conftest import noise, save
from tests.support.faults import Fault, Faults, every_fault
from tests.support.here import OneByOne

MakeOptions = Callable[..., Options]
#: codes that change no output, and what is said then
REFUSED = frozenset({ExitCode.USAGE, ExitCode.INPUT, ExitCode.MODEL, ExitCode.OUTPUT})


class Scene(NamedTuple):
    """A folder with what runs wrote, and a command over it."""

    folder: Path  # what is in it changes
    before: Path  # a copy, as it was
    command: Callable[[], int]
    # By name, what it writes undisturbed: not what holds the time, nor a page, whose pictures may
    # be out of reach.
    expected: dict[str, bytes]

    def restore(self) -> None:
        """The folder as it was before the command."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.before, self.folder)

    def outputs(self) -> dict[str, bytes]:
        """What lies there now of what it writes."""
        return {
            path.name: path.read_bytes()
            for path in self.folder.iterdir()
            if path.is_file() and path.name.startswith("out.")
        }


@pytest.fixture(params=["merge", "merge again", "report", "report with labels"])
def scene(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    options: MakeOptions,
    engine: OneByOne,
    monkeypatch: pytest.MonkeyPatch,
) -> Scene:
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # nine tenths of the time
    folder = tmp_path / "tried"
    for number in range(4):
        save(folder / "in" / str(number) / f"{number}.png", noise(number))
    out = str(folder / "out.csv")

    def run(output: str, shard: Shard | None = None) -> None:
        given = options(
            in_dir=str(folder / "in"), output=output, engine="here", quiet=True, shard=shard
        )
        assert job.run(given) == ExitCode.OK

    if request.param.startswith("merge"):
        parts = [str(folder / f"part{n}.csv") for n in range(2)]
        for n, part in enumerate(parts):
            run(part, Shard(n, 2))

        def command() -> int:
            return merge([out, *parts])

        if request.param == "merge again":
            assert command() == ExitCode.OK
    else:
        run(out)
        labels = folder / "labels.csv"
        labels.write_text("path,label\n" + "".join(f"{n}/{n}.png,7\n" for n in range(4)))
        asked = ["--labels", str(labels)] if "labels" in request.param else []

        def command() -> int:
            return report([out, *asked])

    before = tmp_path / "before"
    shutil.copytree(folder, before)
    assert command() == ExitCode.OK
    made = Scene(folder, before, command, {})
    same = ("out.csv", "out.report.json")
    return made._replace(expected={name: made.outputs()[name] for name in same})


def faults(scene: Scene) -> Iterator[Fault]:
    """Every fault of the command, call by call."""
    scene.restore()
    with Faults(str(scene.folder)).injected() as counted:
        assert scene.command() == ExitCode.OK
    yield from every_fault(counted.calls)


def wrong_end(scene: Scene, code: int, said: str, old: dict[str, bytes]) -> str | None:
    """What is wrong with how the command ended; None where nothing is."""
    new, expected = scene.outputs(), scene.expected
    if code == ExitCode.OK:
        checks = [("not what it writes undisturbed", expected.items() <= new.items())]
    else:
        checks = [
            ("a code that is not documented", code in REFUSED),
            ("nothing is said", bool(said)),
            ("an output is gone", not old.keys() - new.keys()),
            *(
                (f"{name} is neither old nor new", new.get(name) in (old.get(name), whole))
                for name, whole in expected.items()
            ),
        ]
    checks.append(("a traceback", "Traceback" not in said))
    return next((words for words, holds in checks if not holds), None)


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(1, marks=[pytest.mark.long, pytest.mark.timeout(7200)], id="every one"),
        pytest.param(11, marks=[pytest.mark.slow, pytest.mark.timeout(900)], id="every 11th"),
        pytest.param(101, id="every 101st"),
    ],
)
def test_every_fault_leaves_all_whole(
    scene: Scene, step: int, capsys: pytest.CaptureFixture[str]
) -> None:
    complaints = []
    tried = list(faults(scene))[::step]
    for fault in tried:
        scene.restore()
        old = scene.outputs()
        capsys.readouterr()
        with Faults(str(scene.folder), fault).injected() as injected:
            code = scene.command()
        said = capsys.readouterr().err
        words = wrong_end(scene, code, said, old)
        if words is None and scene.command() != ExitCode.OK:
            words = "said again, it fails"
        if words is None and not scene.expected.items() <= scene.outputs().items():
            words = "said again, it writes something else"
        if words is None and (left := [*scene.folder.glob(".out*")]):
            words = f"left are {left}"
        if words:
            complaints.append(f"{fault}, {injected.where}: exit {code}, {said}: {words}")
    assert complaints == []
    print(f"{len(tried)} faults")
