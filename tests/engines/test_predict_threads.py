"""How far threads go ahead with what they mark."""

import threading
from collections.abc import Sequence
from multiprocessing.connection import wait
from types import SimpleNamespace

import numpy as np
import pytest

from batch_predict.engines import full_batches
from batch_predict.engines.predict_threads import Predictor
from batch_predict.marking import TOGETHER
from batch_predict.normalize.letterbox import SMALL
from batch_predict.records import Batch, ImageRef, Prepared, Reduced, Row, Status
from batch_predict.rows import Rows

COUNT, BATCH = 5_000, 128


class Noting:
    """As much of a scorer as a predictor takes; it notes how many pictures are only marked."""

    def __init__(self) -> None:
        self.marker = SimpleNamespace(read=self.read)
        self.most = self._marked = 0
        self._lock = threading.Lock()

    def read(self, pictures: Sequence[Reduced]) -> list[Prepared]:
        with self._lock:
            self._marked += len(pictures)
            self.most = max(self.most, self._marked)
        return [Prepared(picture.ref, np.zeros((28, 28), np.uint8)) for picture in pictures]

    def predict(self, batch: Batch) -> None:
        with self._lock:
            self._marked -= len(batch.refs)

    def rows(self, batch: Batch, opinion: None) -> Rows:
        return Rows.of(Row(ref, 1, 0.9, Status.OK) for ref in batch.refs)


def test_what_is_marked_is_scored_before_more_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A marked picture takes more memory than one that is to be, and looks take longer than it."""
    monkeypatch.setattr(full_batches, "SCORED_TOGETHER", BATCH)
    scorer = Noting()
    page = np.zeros((28, 28), np.uint8)
    pictures = [Reduced(ImageRef(f"{n:04d}.png"), page) for n in range(COUNT)]
    rows: list[Row] = []
    with Predictor(lambda: scorer, BATCH) as predictor:  # type: ignore[arg-type,return-value]
        predictor.add(Batch.of([]), pictures)
        assert predictor.waiting == COUNT - COUNT % TOGETHER[SMALL]
        while predictor.flush() or predictor.waiting:
            wait([predictor.connection])
            for part in predictor.receive():
                rows += part
        assert predictor.waiting_bytes == 0
    assert sorted(row.ref.path for row in rows) == [picture.ref.path for picture in pictures]
    # However the threads take turns: those in line, and three batches behind them and one in each.
    assert scorer.most <= 8 * BATCH + 4 * TOGETHER[SMALL]
