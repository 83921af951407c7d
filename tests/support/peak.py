"""How much memory a program has held at most.

`ru_maxrss` of a child won't do in the tests themselves: it begins with what its parent held when it
was started. So the program that is measured says it itself, after its work.
"""

import resource
from pathlib import Path
from typing import Final

#: for `python -c`: the command line, with a last line on stdout that is its `peak_mib`
COMMAND: Final = """
import sys
from batch_predict.cli import main
from tests.support.peak import peak_mib
code = main()
print(peak_mib())
sys.exit(code)
"""


def peak_mib() -> int:
    """The most that this process, or any that it has waited for, held in memory at once, MiB."""
    return max(own_peak_mib(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10)


def own_peak_mib() -> int:
    """The most that this process held since its start or the last `forget_own_peak`, MiB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) >> 10


def forget_own_peak() -> int:
    """Have `own_peak_mib` start again from what this process holds now, which is returned, MiB."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # see proc(5)
    return own_peak_mib()
