"""What an actor of Ray's runs: the local engine, over the blocks of pictures that it is given."""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, partial
from queue import Queue, SimpleQueue
from threading import Thread
from typing import Final

from batch_predict.engines import local_engine
from batch_predict.engines.tasks import Task
from batch_predict.errors import BatchPredictError
from batch_predict.options import Options
from batch_predict.prepare import PrepareStep
from batch_predict.records import ImageRef
from batch_predict.rows import Rows
from batch_predict.scoring import Scorer

# New objects, of which one search for garbage looks through all: rows are none, see `cli`.
_OBJECTS_A_COLLECTION: Final = 50_000


class Node:
    """The local engine in a thread; `give` and `scored` are called at the same time, by two others.

    So the engine never waits for the driver: the next block is here before it needs it, and it goes
    on while rows are on their way.
    """

    def __init__(
        self,
        prepare: PrepareStep,
        make_scorer: Callable[[], Scorer],
        options: Options,
        folder: str,
    ) -> None:
        """`options.workers` processes prepare; relative paths mean what they do in `folder`."""
        gc.set_threshold(_OBJECTS_A_COLLECTION)  # this process does nothing else
        with suppress(OSError):  # this node has none, so it can't find what such a path names
            os.chdir(folder)
        self._blocks: Final[Queue[Task | None]] = Queue(1)
        self._scored: Final[SimpleQueue[Rows | Exception]] = SimpleQueue()
        load = cache(make_scorer)  # once for all runs of the engine
        run = partial(local_engine.run, prepare=prepare, make_scorer=load, options=options)
        Thread(target=self._score, args=(run,), daemon=True).start()

    def give(self, block: Task | None) -> None:
        """Have `block` scored; returns when there is room for another.

        None: for now there is none, so all that was given is to be finished.
        """
        self._blocks.put(block)

    def scored(self) -> list[Rows] | BatchPredictError:
        """The rows that are done, once there are any, or an error that is meant for the user.

        That is a value, because Ray would wrap it and lose what it was. Raises any other.
        """
        answers = [self._scored.get()]
        answers += [self._scored.get() for _ in range(self._scored.qsize())]
        rows: list[Rows] = []
        for answer in answers:
            if isinstance(answer, BatchPredictError):
                return answer
            if isinstance(answer, Exception):
                raise answer
            rows.append(answer)
        return rows

    def _score(self, run: Callable[[Iterator[ImageRef]], Iterator[Rows]]) -> None:
        try:
            while True:
                for rows in run(self._refs_given()):
                    self._scored.put(rows)
        except Exception as error:  # a bug too: `scored` raises it
            self._scored.put(error)

    def _refs_given(self) -> Iterator[ImageRef]:
        while (block := self._blocks.get()) is not None:
            yield from block.refs
