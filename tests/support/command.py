"""The command line in a process of its own, and what it leaves behind."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT
from tests.support.peak import COMMAND

MEMORY = 1_500_000_000 >> 20  # MiB: the most that a process of a run may take


class Run(NamedTuple):
    """What a run of the command left behind."""

    code: int
    rows: list[dict[str, str]]
    manifest: dict
    said: tuple[list[str], str]  # lines on stdout, text on stderr
    peak: int  # MiB, of the process that took most


def batch_predict(in_dir: Path, output: Path, *options: str) -> Run:
    """Run the command line over `in_dir` in a process of its own."""
    command = [sys.executable, "-c", COMMAND, in_dir, output, *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    *summary, peak = done.stdout.splitlines()
    with open(output, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    manifest = json.loads(output.with_suffix(".run.json").read_text())
    return Run(done.returncode, rows, manifest, (summary, done.stderr), int(peak))
