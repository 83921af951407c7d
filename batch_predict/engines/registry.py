"""Engines: where the work is done. One module and one line here make a new one."""

from collections.abc import Callable, Generator, Iterable
from functools import partial
from typing import Final, Protocol

from batch_predict.options import Options
from batch_predict.plugins import resolve
from batch_predict.prepare import PrepareStep
from batch_predict.records import ImageRef
from batch_predict.rows import Rows
from batch_predict.scoring import Scorer

ENGINES: Final = {
    "local": "batch_predict.engines.local_engine:run",
    "ray": "batch_predict.engines.ray_engine:run",
}


class Engine(Protocol):
    """What an engine's function looks like."""

    def __call__(
        self,
        refs: Iterable[ImageRef],
        prepare: PrepareStep,
        make_scorer: Callable[[], Scorer],
        options: Options,
    ) -> Generator[Rows, None, None]:
        """Score `refs`: one row for each, in any order, some at a time as batches finish.

        `make_scorer` loads the model: it is called only if there is a picture to score. A picture
        that takes over `image_timeout` seconds, or that kills one of the `workers` processes which
        prepare, gets a row that says so. Closing the generator ends its workers and its cluster.
        """
        ...


#: a name -> its engine; raises as `resolve`
find_engine: Final[Callable[[str], Engine]] = partial(resolve, "engine", ENGINES)
