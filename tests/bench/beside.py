"""`python -m tests.bench.beside ARGUMENTS`: a run's main process beside the networks.

It runs `batch_predict` with ARGUMENTS, but that no network is loaded and `Scorer.predict` answers
at once, and prints the CPU seconds, user and system, of its own process: listing, handing out
tasks, taking what workers have read, rows, checkpoint, CSV. Not in them are the worker processes,
the networks, and the looks at what these say.
"""

import resource
import subprocess
import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from batch_predict.cli import main
from batch_predict.marking import Marker
from batch_predict.records import CLASSES, Batch
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.classifier import Classifier
from batch_predict.runtimes.ink import Ink, find_ink
from batch_predict.runtimes.rule import Opinion
from batch_predict.scoring import Networks, Scorer
from tests.conftest import ROOT

# Many more than a batch has, with as many decimals as those of a network.
_ANSWERS = np.random.default_rng(0).dirichlet(np.full(CLASSES, 0.1), 1 << 14).astype(np.float32)


def main_process_cpu(arguments: Sequence[str]) -> float:
    """CPU seconds of the main process of a run with `arguments`.

    Raises:
        subprocess.CalledProcessError: the run failed.
    """
    command = [sys.executable, "-m", "tests.bench.beside", *arguments, "--quiet"]
    return float(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)


def _at_once(scorer: Scorer, batch: Batch) -> Opinion:
    count = len(batch.refs)
    return Opinion.of_one_look(_ANSWERS[:count].copy(), np.full(count, 0.01, np.float32))


def _unused(pixels: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
    raise AssertionError("no network is to be asked")


def _no_networks(*_: object) -> Networks:
    return Networks(Classifier(_unused), Marker(Ink.of(find_ink(), find_runtime("onnx"))), None)


if __name__ == "__main__":
    Networks.load = _no_networks  # type: ignore[assignment]
    Scorer.predict = _at_once  # type: ignore[method-assign]
    if code := main(sys.argv[1:], own_process=True):
        sys.exit(code)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(usage.ru_utime + usage.ru_stime)
