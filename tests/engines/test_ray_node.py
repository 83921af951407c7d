"""What an actor of Ray's does, without Ray: blocks in, rows out, and errors as values."""

import os
from collections.abc import Callable

import pytest

from batch_predict.engines.ray_node import Node
from batch_predict.engines.tasks import Task
from batch_predict.errors import BatchPredictError, ModelError
from batch_predict.options import Options
from batch_predict.records import ImageRef, Prepared
from batch_predict.rows import Rows
from batch_predict.scoring import Scorer
from tests.conftest import noise
from tests.support import fakes
from tests.support.steps import Step

BATCH = 8


def good(ref: ImageRef) -> Prepared:
    return Prepared(ref, noise(ref.size or 0))


def block(*sizes: int) -> Task:
    return Task([ImageRef(f"{size}.png", size) for size in sizes])


def node(make_scorer: Callable[[], Scorer], prepare: Callable[[ImageRef], Prepared] = good) -> Node:
    options = Options("in", "out.csv", batch_size=BATCH, workers=1)
    return Node(Step(prepare), make_scorer, options, os.getcwd())


def paths(answer: list[Rows] | BatchPredictError) -> list[str]:
    assert isinstance(answer, list)
    return sorted(ref.path for rows in answer for ref in rows.refs)


def test_it_goes_on_after_it_has_finished_and_loads_the_model_once() -> None:
    loads = []

    def make_scorer() -> Scorer:
        loads.append(1)
        return fakes.scorer(BATCH)

    mine = node(make_scorer)
    for sizes in ((1, 2), (3,)):
        mine.give(block(*sizes))
        mine.give(None)
        assert paths(mine.scored()) == [f"{size}.png" for size in sizes]
    assert len(loads) == 1


def test_an_error_for_the_user_is_a_value() -> None:
    def bad() -> Scorer:
        raise ModelError("its outputs are no probabilities")

    mine = node(bad)
    mine.give(block(1))
    mine.give(None)
    assert isinstance(mine.scored(), ModelError)


def test_a_bug_is_raised() -> None:
    def bad() -> Scorer:
        raise KeyError("bug")

    mine = node(bad)
    mine.give(block(1))
    mine.give(None)
    with pytest.raises(KeyError, match="bug"):
        mine.scored()
