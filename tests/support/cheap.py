"""`python -m tests.support.cheap ...`: the program with a fake runtime, slow or dying if asked.

In the environment, `SECONDS_A_BATCH` makes the runtime slow, `WAIT_FOR=PATH` has it wait for that
file, `DIE=commit:2` sends SIGKILL instead of the second call of a function of `MOMENTS`, and
`COMMIT_EVERY_S` is how often rows are kept.
"""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from batch_predict.__main__ import run
from batch_predict.checkpoint import database
from batch_predict.checkpoint.checkpoint_file import Checkpoint
from batch_predict.engines import full_batches
from batch_predict.runtimes import RUNTIMES, Classifier
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.network import Floats
from batch_predict.stages import inputs
from batch_predict.tables import csv_table
from tests.conftest import MODEL_BYTES, ROOT, noise
from tests.support import fakes

MOMENTS: dict[str, tuple[Any, str]] = {
    "start": (inputs, "find_model"),
    "walk": (Checkpoint, "set_refs"),
    "add": (Checkpoint, "add"),
    "commit": (database.Database, "commit"),
    "lines": (csv_table, "_lines"),
    "fsync": (os, "fsync"),
    "rename": (os, "replace"),
}


def load_classifier(model: ModelFile, batch_size: int) -> Classifier:
    """The fake runtime's, at the pace asked for."""
    fast = fakes.load_classifier(model, batch_size).network
    pause = float(os.environ.get("SECONDS_A_BATCH", "0"))
    gate = os.environ.get("WAIT_FOR", ROOT)

    def slow(pixels: Floats) -> tuple[Floats, ...]:
        time.sleep(pause)
        while not os.path.exists(gate):
            time.sleep(0.01)
        return fast(pixels)

    return Classifier(slow)


RUNTIME = fakes.RUNTIME._replace(load_classifier=load_classifier)


def die_instead(moment: str, call: int) -> None:
    """Have the process killed by the `call`th call of a function of `MOMENTS`."""
    owner, name = MOMENTS[moment]
    real: Callable[..., Any] = getattr(owner, name)
    left = call

    def dying(*args: Any, **keywords: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **keywords)

    setattr(owner, name, dying)


def start(
    folder: Path,
    *arguments: str,
    output: str = "out.csv",
    under: Sequence[str] = (),
    **environment: str,
) -> subprocess.Popen[str]:
    """A run over `folder/in` into `folder/OUTPUT`, in small batches."""
    model = folder / "model.keras"
    if not model.exists():
        model.write_bytes(MODEL_BYTES)
    return subprocess.Popen(
        [
            *under,
            *(
                sys.executable,
                "-m",
                "tests.support.cheap",
                str(folder / "in"),
                str(folder / output),
            ),
            *("--model", str(model), "--preprocess", "plain", "--batch-size", "16", *arguments),
        ],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that a test can signal all of its processes
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    out, err = process.communicate(timeout=110)
    return process.returncode, out, err


def committed(work: Path) -> int:
    """The rows that the work file holds."""
    if not work.exists():
        return 0
    with closing(sqlite3.connect(work)) as db:
        tables = db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'rows'").fetchone()[0]
        return int(db.execute("SELECT count(*) FROM rows").fetchone()[0]) if tables else 0


def pictures(folder: Path, count: int) -> None:
    """`count` pictures of noise below `folder/in`, as files of a header and pixels."""
    for number in range(count):
        path = folder / "in" / f"{number % 7}x" / f"{number}.pgm"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"P5 28 28 255\n" + noise(number).tobytes())


if __name__ == "__main__":
    RUNTIMES["keras"] = "tests.support.cheap:RUNTIME"
    full_batches.SCORED_TOGETHER = 1  # type: ignore[misc]  # so that what is committed is a batch
    if "COMMIT_EVERY_S" in os.environ:
        database._COMMIT_EVERY_S = float(os.environ["COMMIT_EVERY_S"])  # type: ignore[misc]
    if "DIE" in os.environ:
        moment, call = os.environ["DIE"].split(":")
        die_instead(moment, int(call))
    run()
