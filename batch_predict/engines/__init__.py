"""Engines: where the work is done. One module and one line here make a new one."""

from collections.abc import Callable, Generator, Iterable
from typing import Final, Protocol, TypeAlias

from batch_predict.plugins import resolve
from batch_predict.records import Blank, Failure, ImageRef, Prepared, Row
from batch_predict.scoring import Scorer

#: pure and picklable: a ref -> what became of its file
PrepareStep: TypeAlias = Callable[[ImageRef], Prepared | Blank | Failure]

ENGINES: Final = {"local": "batch_predict.engines.local_engine:run"}


class Engine(Protocol):
    """What an engine's function looks like."""

    def __call__(
        self,
        refs: Iterable[ImageRef],
        prepare: PrepareStep,
        make_scorer: Callable[[], Scorer],
        batch_size: int,
    ) -> Generator[list[Row], None, None]:
        """Score `refs`: one row for each, in any order, in lists as batches finish.

        Closing the generator ends all that works for it.

        `make_scorer` loads the model: it is called only if there is a picture to score.
        """
        ...


def find_engine(name: str) -> Engine:
    """The engine `name`.

    Raises:
        UsageError: there is no such engine.
        MissingExtraError: the engine's library is not installed.
    """
    engine: Engine = resolve("engine", ENGINES, name)
    return engine
