"""One run of a command: wall time, CPU time, memory of all its processes."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple, TypeVar

from tests.conftest import ROOT

_EVERY_S: Final = 0.05  # between two looks at the memory
# The kernel's count of a process's memory begins with that of the process which it was forked from:
# so it is started by this one, which is small, and says how it ended and what it took.
_STARTER: Final = """
import os, sys, time
begun = time.perf_counter()
silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
try:
    pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
except OSError as error:
    sys.exit(error.strerror)
_, status, usage = os.wait4(pid, 0)
wall = time.perf_counter() - begun
print(os.waitstatus_to_exitcode(status), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
"""


class Run(NamedTuple):
    """What a run took."""

    wall: float  # seconds
    cpu: float  # seconds, user and system, of the process and those it waited for
    peak: int  # bytes, proportional set size of all its processes; 0: not looked at
    alone: int  # bytes, the same whatever other programs map: files count whole, once
    largest: int  # bytes, of its largest process, by the kernel; 9 MB or more, as what started it


class CommandError(Exception):
    """A command could not be run to its end."""


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
    """Run `python -m ARGUMENTS` from the checkout; see `run_command`."""
    command = [sys.executable, "-m", *arguments]
    return run_command(command, cwd=ROOT, look_at_memory=look_at_memory)


def run_command(
    command: Sequence[str], *, cwd: Path | None = None, look_at_memory: bool = False
) -> Run:
    """Run `command` in a session of its own.

    Looking at the memory costs time, so timed runs don't.

    Raises:
        CommandError: it can't be started, or ends with another code than 0.
    """
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(
            [sys.executable, "-ISc", _STARTER, *command],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            start_new_session=True,
        ) as starter:
            peak = alone = 0
            while look_at_memory and not _has_ended(starter.pid):
                now, now_alone = _memory(starter.pid)
                peak, alone = max(peak, now), max(alone, now_alone)
                time.sleep(_EVERY_S)
            told = starter.communicate()[0].split()
        said.seek(0)
        lines = said.read().decode(errors="replace").strip().splitlines() or ["nothing said"]
    if not told:
        raise CommandError(f"{command[0]} can't be started: {lines[-1]}")
    code, largest_kib = int(told[0]), int(told[3])
    if code:
        raise CommandError(f"`{' '.join(command)}` ended with {code}: {lines[-1]}")
    return Run(float(told[1]), float(told[2]), peak, alone, largest_kib << 10)


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _memory(session: int) -> tuple[int, int]:
    """`peak` and `alone` of what the first process of `session` has started, as they are now."""
    proportional, own, mapped = 0, 0, 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(pid := int(folder.name)) == session != pid:
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
