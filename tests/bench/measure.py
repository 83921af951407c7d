"""One run of a command: wall time, CPU time, memory of all its processes."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final, NamedTuple

from tests.conftest import ROOT

_EVERY_S: Final = 0.05  # between two looks at the memory


class Run(NamedTuple):
    """What a run took."""

    wall: float  # seconds
    cpu: float  # seconds, user and system, of the process and those it waited for
    peak: int  # bytes, proportional set size of all its processes; 0: not looked at


def run(arguments: list[str], *, look_at_memory: bool = False) -> Run:
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
        peak = 0
        while look_at_memory and not _has_ended(process.pid):
            peak = max(peak, _memory(process.pid))
            time.sleep(_EVERY_S)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments)
    return Run(wall, usage.ru_utime + usage.ru_stime, peak)


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _memory(session: int) -> int:
    """Bytes that the processes of `session` take, memory that several share counted once."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                lines = (folder / "smaps_rollup").read_text().splitlines()
                total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except (OSError, StopIteration):
            continue  # it ended meanwhile
    return total << 10
