"""How much memory this process has held at most.

`ru_maxrss` won't do for a child: it begins with what its parent held when it was started.
"""

from pathlib import Path


def peak_mib() -> int:
    """The high water mark of the resident set since the program was loaded, MiB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) >> 10
