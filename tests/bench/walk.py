"""`python -m tests.bench.walk`: CPU time of the walk of a folder, against `os.scandir` alone.

    python -m tests.bench.walk --folders 1000 --files 1000 --rounds 5

The folder is made of empty files for it, in the folder for temporary files. The contestants take
turns: the walk, which must know size and time of each file; `os.scandir` with the `stat` of each
entry; `os.scandir` without.
"""

import argparse
import os
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from statistics import median

from batch_predict.storage.folder_walk import FolderWalk
from batch_predict.storage.selection import Selection


def main(argv: Sequence[str] | None = None) -> None:
    """Make the folder, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.walk", description=__doc__)
    parser.add_argument("--folders", type=int, default=1000)
    parser.add_argument("--files", type=int, default=1000, help="in each")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="bench-") as top:
        _make(top, options.folders, options.files)
        contestants: dict[str, Callable[[], object]] = {
            "the walk": lambda: deque(FolderWalk(top, Selection()), maxlen=0),
            "os.scandir and stat": lambda: _scan(top, with_stat=True),
            "os.scandir": lambda: _scan(top, with_stat=False),
        }
        rounds = [
            {name: _cpu_s(act) for name, act in contestants.items()} for _ in range(options.rounds)
        ]
    print("| | CPU, s | the walk takes, times as long |\n| --- | ---: | ---: |")
    for name in contestants:
        seconds = median(each[name] for each in rounds)
        ratio = median(each["the walk"] / each[name] for each in rounds)
        print(f"| {name} | {seconds:.2f} | {ratio:.2f} |")


def _make(top: str, folders: int, files: int) -> None:
    for number in range(folders):
        folder = os.path.join(top, f"{number:04}")
        os.mkdir(folder)
        for n in range(files):
            os.close(os.open(f"{folder}/{n:07}.png", os.O_CREAT | os.O_WRONLY))


def _scan(top: str, *, with_stat: bool) -> None:
    left = [top]
    while left:
        with os.scandir(left.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    left.append(entry.path)
                elif with_stat:
                    entry.stat()


def _cpu_s(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return time.process_time() - start


if __name__ == "__main__":
    main()
