"""The networks run in threads, while the main thread makes rows of what is predicted."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import Pipe
from typing import Any, Final, TypeAlias

from batch_predict.engines.full_batches import FullBatches
from batch_predict.marking import Grouping
from batch_predict.records import Batch, Blank, Prepared, Reduced
from batch_predict.rows import Rows
from batch_predict.scoring import Scorer, unscored

# Batches that are predicted at the same time: while one finishes on some of the cores, the next
# can begin on the others.
_AT_A_TIME: Final = 2
# Groups of pictures that are being marked or are next in line. The others wait: what is marked, a
# small picture takes 13 KiB then and not one, is to be scored before more is marked.
_MARKED_AT_A_TIME: Final = 2 * _AT_A_TIME

#: what the main thread does when a thread has done its part
_Finish: TypeAlias = Callable[[], Rows]


class Predictor:
    """Takes batches and pictures to be marked, gives rows; a context manager.

    It lets the threads end by themselves. One of them loads the models as soon as there is a
    picture. `connection` can be read when a thread has done something.
    """

    def __init__(self, make_scorer: Callable[[], Scorer], batch_size: int) -> None:
        self._make_scorer = make_scorer
        self._threads = ThreadPoolExecutor(_AT_A_TIME, "predict")
        self._scorer: Future[Scorer] | None = None
        self._unmarked = Grouping()
        self._unscored = FullBatches(batch_size)
        self._unmarked_groups: deque[Sequence[Reduced]] = deque()
        self._groups_at_work = 0
        self._done: deque[_Finish] = deque()
        self.waiting = 0  # how many pictures are in batches whose rows `receive` has not given
        self.waiting_bytes = 0  # of pictures that are to be marked
        self.connection, self._notify_end = Pipe(duplex=False)

    def __enter__(self) -> "Predictor":
        return self

    def __exit__(self, *error: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.connection.close()

    def add(self, batch: Batch, unmarked: Sequence[Reduced] = ()) -> None:
        """Predict `batch`, and `unmarked` pictures once they are marked, in full batches."""
        self.waiting_bytes += sum(picture.pixels.nbytes for picture in unmarked)
        for pictures in self._unmarked.full(unmarked):
            self._start_marking(pictures)
        for full in self._unscored.add(batch):
            self._start(full)

    def flush(self) -> None:
        """Start what does not fill a batch; pictures that are being marked are waited for."""
        for pictures in self._unmarked.rest():
            self._start_marking(pictures)
        if not self._groups_at_work:
            for rest in self._unscored.rest():
                self._start(rest)

    def receive(self) -> Iterator[Rows]:
        """The rows of what is done; raises what a network raised."""
        while self.connection.poll():
            self.connection.recv_bytes()
            if rows := self._done.popleft()():
                yield rows

    def _loaded(self) -> Scorer:
        assert self._scorer is not None  # submitted before what needs it
        return self._scorer.result()

    def _start_marking(self, pictures: Sequence[Reduced]) -> None:
        self.waiting += len(pictures)
        self._unmarked_groups.append(pictures)
        self._mark_next()

    def _mark_next(self) -> None:
        while self._unmarked_groups and self._groups_at_work < _MARKED_AT_A_TIME:
            self._mark(self._unmarked_groups.popleft())

    def _mark(self, pictures: Sequence[Reduced]) -> None:
        def finish(read: list[Prepared | Blank]) -> Rows:
            self._groups_at_work -= 1
            self.waiting_bytes -= sum(picture.pixels.nbytes for picture in pictures)
            self.add(Batch.of([item for item in read if isinstance(item, Prepared)]))
            self._mark_next()  # after what has filled a batch
            return Rows.of(unscored(item) for item in read if isinstance(item, Blank))

        self._groups_at_work += 1
        self._submit(len(pictures), lambda scorer: scorer.marker.read(pictures), finish)

    def _start(self, batch: Batch) -> None:
        self.waiting += len(batch.refs)
        self._submit(
            len(batch.refs),
            lambda scorer: scorer.predict(batch),
            lambda opinion: self._loaded().rows(batch, opinion),
        )

    def _submit(
        self, count: int, work: Callable[[Scorer], Any], finish: Callable[[Any], Rows]
    ) -> None:
        """Do `work` in a thread, then `finish` what it gave in the main thread."""
        if self._scorer is None:
            self._scorer = self._threads.submit(self._make_scorer)
        notify_end = self._notify_end  # stays open for as long as a batch may still end

        def finished(result: Future[Any]) -> Rows:
            self.waiting -= count
            return finish(result.result())

        def notify(result: Future[Any]) -> None:
            self._done.append(lambda: finished(result))
            with suppress(BrokenPipeError):  # the engine was closed meanwhile
                notify_end.send_bytes(b"!")

        self._threads.submit(lambda: work(self._loaded())).add_done_callback(notify)
