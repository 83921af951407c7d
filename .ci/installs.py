"""What the installs of README.md and docs/how-to/install.md take: MB to download, on disk, seconds.

    python .ci/installs.py                     makes all of them, with every extra: some minutes
    python .ci/installs.py NAME=VENV,LOG ...   of those that were made with PIP_LOG=LOG in VENV

Prints the rows of their tables. Exit code 1: a size is not what they say.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parent.parent
INSTALLS: Final = {
    "plain": [["."]],
    "onnx": [["-r", "requirements/core.txt", "onnxruntime"], ["--no-deps", "."]],
    "openvino": [["-r", "requirements/core.txt", "openvino"], ["--no-deps", "."]],
}
#: where the tables are
TABLES: Final = ("README.md", "docs/how-to/install.md")
#: a row of these tables: its name, anything, and the two sizes
ROW: Final = re.compile(r"^\| `?(\w+)`? \|(?: `.*` \|)? ([\d.]+) \| ([\d.]+) \|", re.M)
NEAR: Final = 0.1  # of a size, for not every version is pinned
NEAR_MB: Final = 2.0  # of a small one
FETCHED: Final = re.compile(r" (?:Downloading|Using cached) \S+ \(([\d.]+) (bytes|kB|MB|GB)\)")
AT_HAND: Final = re.compile(r" Processing (/\S+\.whl)")  # of a mirror on this disk
MB: Final = {"bytes": 1e-6, "kB": 1e-3, "MB": 1.0, "GB": 1e3}
TIME: Final = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d,\d{3}", re.M)


class Taken(NamedTuple):
    """By an install, or by what was added to one."""

    download: float  # MB
    disk: float  # MB
    seconds: float


def taken(venv: Path, log: Path) -> Taken:
    """By the install in `venv`, whose pip kept `log`."""
    text = log.read_text(encoding="utf-8")
    fetched = sum(float(size) * MB[unit] for size, unit in FETCHED.findall(text))
    at_hand = sum(os.path.getsize(wheel) for wheel in AT_HAND.findall(text)) / 1e6
    first, *_, last = map(datetime.fromisoformat, TIME.findall(text))
    return Taken(fetched + at_hand, on_disk(venv), (last - first).total_seconds())


def on_disk(folder: Path) -> float:
    """MB of the blocks of all that lies in `folder`, each once."""
    found = [os.lstat(path) for path in folder.rglob("*")]
    return 512e-6 * sum({each.st_ino: each.st_blocks for each in found}.values())


def pip(venv: Path, log: Path, *arguments: str) -> None:
    """Install into `venv` as the README does it, in the repository."""
    command = [venv / "bin" / "python", "-m", "pip", "install", "-q", "-c", "constraints.txt"]
    environment = {**os.environ, "PIP_LOG": str(log), "PIP_PROGRESS_BAR": "off"}
    subprocess.run([*command, *arguments], cwd=ROOT, env=environment, check=True)


def all_made(scratch: Path) -> Iterator[tuple[str, Taken]]:
    """Of every install and extra, made in `scratch`."""
    for name, commands in INSTALLS.items():
        subprocess.run([sys.executable, "-m", "venv", scratch / name], check=True)
        for arguments in commands:
            pip(scratch / name, scratch / f"{name}.log", *arguments)
        yield name, taken(scratch / name, scratch / f"{name}.log")
    plain = scratch / "plain"
    before = on_disk(plain)
    for name in [name for name in said() if name not in INSTALLS]:
        venv, log = scratch / "extra", scratch / f"{name}.log"
        shutil.copytree(plain, venv, symlinks=True, copy_function=os.link)
        pip(venv, log, f".[{name}]")
        added = taken(venv, log)
        yield name, added._replace(disk=added.disk - before)
        shutil.rmtree(venv)


def said() -> dict[str, tuple[float, float]]:
    """By the pages: the MB to download and on disk of each install, and of what extras add."""
    pages = "".join((ROOT / page).read_text(encoding="utf-8") for page in TABLES)
    tables = re.findall(r"^\| (?:install|extra) \|.*?\n\n", pages, re.M | re.S)
    rows = ROW.findall("".join(tables).replace(",", ""))
    return {name: (float(download), float(disk)) for name, download, disk in rows}


def is_near(size: float, told: float) -> bool:
    """Whether the page's `told` is what was measured."""
    return abs(size - told) <= max(NEAR * told, NEAR_MB)


def main() -> int:
    """0 where the pages say what is so."""
    made = dict(argument.split("=") for argument in sys.argv[1:])
    readme, code = said(), 0
    with tempfile.TemporaryDirectory() as scratch:
        given = ((name, taken(*map(Path, made[name].split(",")))) for name in made)
        for name, found in given if made else all_made(Path(scratch)):
            sizes = " | ".join(f"{size:,.0f}" for size in found)
            print(f"| {name} | {sizes} |", flush=True)
            if not all(map(is_near, found[:2], readme[name])):
                print(f"the page says otherwise: {readme[name]}")
                code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
