"""What looks cost, told apart."""

import numpy as np
import pytest

from batch_predict import looks
from batch_predict.marking import Marker
from batch_predict.records import Batch, ImageRef, Prepared
from batch_predict.runtimes.rule import Opinion
from tests.bench import cpu, looks_cost
from tests.bench.cpu import timed
from tests.bench.looks_cost import COLUMNS, Cost, line, measured


@pytest.fixture
def clock(monkeypatch):
    """CPU seconds that tests spend by adding to them."""
    spent = [0.0]
    for module in (cpu, looks_cost):
        monkeypatch.setattr(module, "cpu_seconds", lambda: spent[0])
    return spent


def test_calls_are_timed_and_the_function_put_back(clock):
    class Owner:
        def work(self, seconds):
            clock[0] += seconds
            return -seconds

    work = Owner.work
    with timed(Owner, "work") as seconds:
        assert [Owner().work(2.0), Owner().work(3.0)] == [-2, -3]
    assert seconds == [2, 3]
    assert Owner.work is work


class FakeArticle:
    def picture_seconds(self):
        return 0.01


class FakeScorer:
    """Every second picture needs a map and its readings."""

    def __init__(self, clock):
        self._clock = clock

    def predict(self, batch):
        count = len(batch.refs)
        self._clock[0] += count
        for place in range(0, count, 2):
            Marker.mark(place, 64)
            looks.readings(place)
        opinion = Opinion.of_one_look(np.zeros((count, 10)), np.zeros(count))
        opinion.looks[::2] = 3
        return opinion


def test_looks_are_told_apart_and_divided_by_pictures(clock, monkeypatch):
    def spend(seconds):
        def work(*arguments):
            clock[0] += seconds

        return work

    monkeypatch.setattr(Marker, "mark", spend(10))
    monkeypatch.setattr(looks, "readings", spend(4))
    pictures = [Prepared(ImageRef(str(n)), np.zeros((28, 28), np.uint8)) for n in range(300)]
    cost = measured(Batch.of(pictures), FakeScorer(clock), FakeArticle())
    assert cost == Cost(0.5, 0.5, 0.01, looks=8, maps=5, readings=2)


def test_costs_are_over_that_of_article_code():
    cost = Cost(0.5, 0.25, article=100e-6, looks=90e-6, maps=40e-6, readings=20e-6)
    cells = line("name", "onnx", cost).strip("| ").split(" | ")
    assert dict(zip(COLUMNS[2:], cells[2:], strict=True)) == {
        "second looks": "50.0%",
        "third": "25.0%",
        "article-code, us": "100",
        "looks, us": "90",
        "maps, us": "40",
        "readings, us": "20",
        "cost": "0.900",
        "without maps": "0.500",
        "networks alone": "0.300",
    }
