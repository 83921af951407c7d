"""How many looks pictures had is heard, and no longer than asked for."""

from types import SimpleNamespace

import numpy as np

from batch_predict.runtimes.rule import Opinion
from batch_predict.scoring import Scorer
from tests.bench.looks import counted_looks


def opinion(looks):
    count = len(looks)
    probabilities = np.full((count, 10), 0.1, np.float32)
    return Opinion(probabilities, np.zeros(count, np.float32), np.array(looks, np.int8))


def test_looks_are_counted_by_path(monkeypatch):
    batches = {"0": [1, 3], "2": [2]}  # by the first picture of each
    monkeypatch.setattr(
        Scorer, "predict", lambda scorer, batch: opinion(batches[batch.refs[0].path])
    )
    predict = Scorer.predict
    with counted_looks() as looks:
        for first, counts in batches.items():
            paths = range(int(first), int(first) + len(counts))
            batch = SimpleNamespace(refs=[SimpleNamespace(path=str(path)) for path in paths])
            assert Scorer.predict(None, batch).looks.tolist() == counts
    assert looks == {"0": 1, "1": 3, "2": 2}
    assert Scorer.predict is predict
