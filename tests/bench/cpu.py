"""CPU time, of what is measured and of what it is compared with."""

import resource
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.model_file import find_model

BATCH = 1024  # pictures a call of the network that others are compared with


def cpu_seconds() -> float:
    """User and system time of this process and of its children that have ended."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


@contextmanager
def timed(owner: Any, name: str) -> Iterator[list[float]]:
    """CPU seconds of each call of the function `name` of `owner`, a module or class."""
    seconds: list[float] = []
    function = getattr(owner, name)

    def timing(*arguments: Any) -> Any:
        start = cpu_seconds()
        try:
            return function(*arguments)
        finally:
            seconds.append(cpu_seconds() - start)

    setattr(owner, name, timing)
    try:
        yield seconds
    finally:
        setattr(owner, name, function)


class ArticleCode:
    """The network `article-code`, as the article's program runs it: by `predict_on_batch`.

    What a picture costs there is asked for beside every measurement: other programs on the machine
    slow down both.
    """

    def __init__(self) -> None:
        self._network = find_runtime("keras").load_classifier(find_model("article-code"), BATCH)
        self._pictures = np.random.default_rng(0).random((BATCH, 28, 28, 1), np.float32)
        self._network(self._pictures)  # what a first call compiles
        self._seconds: list[float] = []

    def picture_seconds(self) -> float:
        """CPU seconds a picture, the median of this call and all before."""
        start = cpu_seconds()
        self._network(self._pictures)
        self._seconds.append((cpu_seconds() - start) / BATCH)
        return statistics.median(self._seconds)
