"""One run of a command: wall time, CPU time, memory of all its processes."""

import os
import subprocess
import sys
import time
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple, TypeVar

from tests.conftest import ROOT

_EVERY_S: Final = 0.05  # between two looks at the memory


class Run(NamedTuple):
    """What a run took."""

    wall: float  # seconds
    cpu: float  # seconds, user and system, of the process and those it waited for
    peak: int  # bytes, proportional set size of all its processes; 0: not looked at
    alone: int  # bytes, the same whatever other programs map: files count whole, once


_Name = TypeVar("_Name", bound=Hashable)


def in_turn(commands: Mapping[_Name, Sequence[str]], rounds: int) -> dict[_Name, list[Run]]:
    """Run all in turn, `rounds` times, so that a machine that slows down does so for all."""
    runs: dict[_Name, list[Run]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(run(command))
    return runs


def ratio(mine: Sequence[float], base: Sequence[float]) -> float:
    """The median of what each round says."""
    return median(ours / theirs for ours, theirs in zip(mine, base, strict=True))


def run(arguments: Sequence[str], *, look_at_memory: bool = False) -> Run:
    """Run `python -m ARGUMENTS` in a session of its own; raises CalledProcessError if it fails.

    Looking at the memory costs time, so timed runs don't.
    """
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        peak = alone = 0
        while look_at_memory and not _has_ended(process.pid):
            now, now_alone = _memory(process.pid)
            peak, alone = max(peak, now), max(alone, now_alone)
            time.sleep(_EVERY_S)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments)
    return Run(wall, usage.ru_utime + usage.ru_stime, peak, alone)


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _memory(session: int) -> tuple[int, int]:
    """`peak` and `alone` of the processes of `session` as they are now, bytes."""
    proportional, own, mapped = 0, 0, 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                kib = _sums(folder)
                proportional += kib["Pss"]
                own += kib["Pss_Anon"]
                # Forked from one another: what one of them maps, the one that maps most does too.
                mapped = max(mapped, kib["Rss"] - kib["Anonymous"])
        except (OSError, KeyError):
            continue  # it ended meanwhile
    return proportional << 10, (own + mapped) << 10


def _sums(folder: Path) -> dict[str, int]:
    """The sums over all that a process maps, KiB; empty if it has ended."""
    lines = (folder / "smaps_rollup").read_text().splitlines()[1:]
    return {name: int(kib) for name, kib, _ in (line.replace(":", "").split() for line in lines)}
