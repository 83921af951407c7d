"""Short histories of runs, kills, changes, garbled files and other options: no row is ever wrong.

After each run that finished, the CSV is byte for byte that of an undisturbed run; after a kill it
is the old one or that. Kills are real: the run is in a child process, which ends by SIGKILL.
"""

import json
import os
import random
import shutil
import signal
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import cv2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batch_predict import job
from batch_predict.checkpoint import database, resume
from batch_predict.checkpoint.checkpoint_file import Checkpoint
from batch_predict.errors import ExitCode, InputError
from batch_predict.option_values import Limit
from batch_predict.options import Options
from batch_predict.stages import inputs
from batch_predict.tables import csv_table
from tests.conftest import noise
from tests.support.here import OneByOne

ALARM_S = 30  # a child that hangs, as a fork may, ends so too
GARBLED = sqlite3.DatabaseError  # that it is already
HALF = Limit.parse("50%")
NAMES = ("a.pgm", "b.pgm", "day/1.pgm", "day/2.pgm", "day/3.pgm", "=d.pgm")
ALWAYS = "z.pgm"
OUT_OF_REACH = "/in/day"
#: where a run may die: at a call of one of these
MOMENTS: dict[str, tuple[Any, str]] = {
    "find model": (inputs, "find_model"),
    "walk": (Checkpoint, "set_refs"),
    "add": (Checkpoint, "add"),
    "commit": (Checkpoint, "_commit"),
    "line": (csv_table, "_line"),
    "replace": (os, "replace"),
    "finish": (Checkpoint, "finish"),
    "set aside": (resume, "_set_aside"),
    "close": (job, "close_checkpoint"),
}
#: after these the outputs may be in place, and the cache may or may not know
LATE = ("replace", "finish", "commit", "close")

OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "incremental": st.just(False),
        "batch_size": st.sampled_from([7, 16]),
        "review_below": st.sampled_from([0.0, 0.6, 0.75, 1.0]),
        "probabilities": st.just(True),
        "exclude": st.sampled_from([("b*",), ("day/",)]),
        "max_gone": st.sampled_from(["0", "1", "100%"]),
    },
)
STEPS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(NAMES)),
    st.tuples(st.sampled_from(["spoil", "delete", "touch"]), st.sampled_from(NAMES)),
    st.tuples(st.just("run"), OPTIONS),
    st.tuples(st.just("run"), OPTIONS),
    st.tuples(st.just("kill"), OPTIONS, st.sampled_from(list(MOMENTS)), st.integers(1, 6)),
    st.tuples(st.just("reach"), st.booleans()),
    st.tuples(st.just("replace folder"), st.integers(0, 3)),
    st.tuples(
        st.just("garble"),
        st.sampled_from([".out.csv.work", "out.csv.cache", "out.csv.cache"]),
        st.sampled_from(["rows", "bytes", "page", "cut", "fingerprint"]),
        st.integers(0, 1000),
    ),
)


class History:
    """A folder, what is done to it, and what is known of the last finished run."""

    def __init__(self, root: Path, make: Callable[..., Options], engine: OneByOne) -> None:
        self.root = root
        self.folder = root / "in"
        self.folder.mkdir()
        self._make, self._engine = make, engine
        self._clock = count(1)
        self._is_reached = True
        #: paths of the last finished run, and of what is gone and counts on; None: not known
        self._finished: set[str] | None = set()
        self._write(ALWAYS)  # so that there is always a picture

    def do(self, what: str, *how: Any) -> None:
        """Do one step."""
        getattr(self, f"_{what.replace(' ', '_')}")(*how)

    def _write(self, name: str, content: bytes | None = None) -> None:
        clock = next(self._clock)
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content or b"P5 28 28 255\n" + noise(clock).tobytes())
        os.utime(path, ns=(clock, clock))

    def _spoil(self, name: str) -> None:
        self._write(name, b"no picture")

    def _delete(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)

    def _touch(self, name: str) -> None:
        if (self.folder / name).exists():
            self._write(name, (self.folder / name).read_bytes())

    def _reach(self, is_reached: bool) -> None:
        self._is_reached = is_reached

    def _garble(self, name: str, how: str, seed: int) -> None:
        path = self.root / name
        if not path.exists() or not path.stat().st_size:
            return
        self._finished = None
        if how in ("rows", "fingerprint"):
            statement = {
                "rows": "UPDATE rows SET reason = 'x'",
                "fingerprint": "UPDATE fingerprint SET json = NULL",
            }[how]
            with closing(sqlite3.connect(path, isolation_level=None)) as db, suppress(GARBLED):
                if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                    db.execute(statement)
            return
        chance = random.Random(seed)
        whole = path.read_bytes()
        at = chance.randrange(len(whole))
        noise_of = {"bytes": chance.randbytes(7), "page": bytes(4096), "cut": b""}[how]
        rest = b"" if how == "cut" else whole[at + len(noise_of) :]
        path.write_bytes(whole[:at] + noise_of + rest)

    def _run(self, changes: dict[str, Any]) -> None:
        options = self._options("out.csv", {"incremental": True, **changes})
        whole = self._undisturbed(changes)
        code = job.run(options)
        assert (self.root / "out.csv").read_bytes() == whole
        if options.incremental:
            self._check_gone(options, code)

    def _check_gone(self, options: Options, code: ExitCode) -> None:
        """The gate is as the history says, so far as that is known."""
        told = json.loads((self.root / "out.run.json").read_text())["gone"]
        limit = options.max_gone or HALF
        accepts = limit.allows(told["pictures"], told["of"])
        assert code is (ExitCode.OK if accepts else ExitCode.GATE)
        lines = (self.root / "out.csv").read_text().splitlines()[1:]
        found = {line.split(",")[0] for line in lines}
        unreached = tuple(path for path in found if path.endswith("/"))
        found -= set(unreached)
        if self._finished is not None:
            gone = {p for p in self._finished - found if not p.startswith(unreached or "\0")}
            assert told == {"pictures": len(gone), "of": len(self._finished)}
            self._finished = found | (self._finished - gone if accepts else self._finished)
        elif accepts and not unreached:
            self._finished = found

    def _kill(self, changes: dict[str, Any], moment: str, call: int) -> None:
        options = self._options("out.csv", {"incremental": True, **changes})
        whole = self._undisturbed(changes)
        out = self.root / "out.csv"
        old = out.read_bytes() if out.exists() else None
        in_child(lambda: die_instead(moment, call) or job.run(options))
        assert (out.read_bytes() if out.exists() else None) in (old, whole)
        if moment in LATE:
            self._finished = None
        elif out.exists() and out.read_bytes() != old:
            self._finished = None  # it never came to that call

    def _replace_folder(self, at: int) -> None:
        """Another folder with files of the same names, sizes and times, for a part of a run."""
        other = self.root / "other"
        for path in filter(Path.exists, (self.folder / name for name in (ALWAYS, *NAMES))):
            copy = other / path.relative_to(self.folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes()[::-1])
            os.utime(copy, ns=(path.stat().st_mtime_ns,) * 2)

        def replace(path: str, number: int) -> None:
            if number == at:
                self.folder.rename(self.root / "moved")
                other.rename(self.folder)

        self._engine.before = replace
        out = self.root / "out.csv"
        old = out.read_bytes() if out.exists() else None
        options = self._options("out.csv", {"incremental": True})
        try:
            job.run(options)
        except InputError:
            assert (out.read_bytes() if out.exists() else None) == old
        self._engine.reset()
        if (self.root / "moved").exists():
            self.folder.rename(other)
            (self.root / "moved").rename(self.folder)
        else:
            self._finished = None  # there were fewer pictures to score: it finished
        shutil.rmtree(other)

    def _undisturbed(self, changes: dict[str, Any]) -> bytes:
        options = self._options("whole.csv", {**changes, "incremental": False, "max_gone": None})
        job.run(options)
        return (self.root / "whole.csv").read_bytes()

    def _options(self, output: str, changes: dict[str, Any]) -> Options:
        if not changes.get("incremental"):
            changes = {**changes, "max_gone": None}
        given = {"in_dir": str(self.folder), "output": str(self.root / output), "engine": "here"}
        given |= {"quiet": True, "max_failures": "100%"}
        return self._make(**given, **changes)

    @contextmanager
    def out_of_reach(self) -> Iterator[None]:
        """The folder `day` can't be listed while the history says so."""
        listed = os.scandir

        def scandir(path: str) -> Any:
            if not self._is_reached and str(path).endswith(OUT_OF_REACH):
                raise OSError(116, "Stale file handle", path)
            return listed(path)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(os, "scandir", scandir)
            yield


def in_child(run: Callable[[], object]) -> None:
    """`run` in a fork of this process, which may end as it likes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of libraries: none matters
        child = os.fork()
    if not child:
        signal.alarm(ALARM_S)
        try:
            run()
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


def die_instead(moment: str, call: int) -> None:
    """Have this process killed by the `call`th call of a function of `MOMENTS`."""
    owner, name = MOMENTS[moment]
    real = getattr(owner, name)
    left = count(call - 1, -1)

    def dying(*args: Any, **keywords: Any) -> Any:
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **keywords)

    setattr(owner, name, dying)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is flushed, for there is no power cut here; every row is kept, for a kill to find."""
    unflushed = database._SETTINGS.replace("NORMAL", "OFF")
    monkeypatch.setattr(database, "_SETTINGS", unflushed)
    monkeypatch.setattr(database, "_COMMIT_EVERY_S", 0.0)
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)  # a fork lacks the others, and would wait for them
    yield
    cv2.setNumThreads(threads)


@pytest.mark.parametrize(
    "histories",
    [
        5,
        pytest.param(40, marks=pytest.mark.slow),
        pytest.param(300, marks=[pytest.mark.long, pytest.mark.timeout(3600)]),
    ],
)
def test_every_history_ends_in_the_csv_of_an_undisturbed_run(
    tmp_path_factory: pytest.TempPathFactory,
    engine: OneByOne,
    options: Callable[..., Options],
    histories: int,
) -> None:
    steps = 0

    @settings(
        max_examples=histories,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(history=st.lists(STEPS, min_size=2, max_size=12))
    def check(history: list[tuple[Any, ...]]) -> None:
        nonlocal steps
        engine.reset()
        under_test = History(tmp_path_factory.mktemp("history"), options, engine)
        with under_test.out_of_reach():
            for step in [*history, ("run", {}), ("reach", True), ("run", {}), ("run", {})]:
                steps += 1
                under_test.do(*step)
        told = json.loads((under_test.root / "out.run.json").read_text())
        assert told["kept"] == told["found"]  # the last run but one scored all
        left = {path.name for path in under_test.root.iterdir() if path.name.startswith(".")}
        assert left <= {".out.csv.work.old"}

    check()
    print(f"{histories} histories, {steps} steps")
