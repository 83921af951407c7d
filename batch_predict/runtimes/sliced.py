"""Cut a batch into slices for several threads, for runtimes that are quickest so."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.runtimes.registry import Runtime

# Pictures: what the convolutions of so many put out stays in a core's cache. Measured on the
# article's network: 5% less CPU time than with 64 at a time.
SLICE: Final = 32


def thread_count() -> int:
    """One thread for each core that this process may use."""
    return len(os.sched_getaffinity(0))


def sliced(runs: Sequence[Runtime]) -> Runtime:
    """A runtime that takes SLICE pictures at a time, the last ones padded, a thread for each run.

    Several threads may call it.
    """
    free: SimpleQueue[Runtime] = SimpleQueue()
    for run in runs:
        free.put(run)
    pool = ThreadPoolExecutor(len(runs), "slice")

    def run_share(slices: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        run = free.get()
        try:
            return [run(each) for each in slices]
        finally:
            free.put(run)

    def runtime(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        count = len(pixels)
        padding = -count % SLICE
        if padding:
            pixels = np.concatenate([pixels, np.zeros((padding, *pixels.shape[1:]), np.float32)])
        slices = np.split(pixels, len(pixels) // SLICE)
        each = -(-len(slices) // len(runs))
        shares = [slices[at : at + each] for at in range(0, len(slices), each)]
        return np.concatenate([out for outs in pool.map(run_share, shares) for out in outs])[:count]

    return runtime
