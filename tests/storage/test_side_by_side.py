"""Many items at a time by threads: results in order, errors raised, nothing done for nobody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Lock

import pytest

from batch_predict.storage.side_by_side import side_by_side

THREADS = 4


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(THREADS) as threads:
        yield threads


class Panic(BaseException):
    """As a panic of Rust: no `Exception`."""


@pytest.mark.parametrize("count", [0, 1, THREADS, 512, 1500])
def test_results_are_in_order(count: int, pool: ThreadPoolExecutor) -> None:
    assert list(side_by_side(pool, THREADS, str, range(count))) == list(map(str, range(count)))


def test_so_many_are_done_at_a_time(pool: ThreadPoolExecutor) -> None:
    all_there = Barrier(THREADS, timeout=60)
    assert len(list(side_by_side(pool, THREADS, lambda _: all_there.wait(), range(THREADS)))) == 4


def test_the_first_is_given_while_others_are_on_their_way(pool: ThreadPoolExecutor) -> None:
    given = Event()

    def do(item: int) -> bool:
        return item == 0 or given.wait(60)

    results = side_by_side(pool, THREADS, do, range(THREADS))
    assert next(results)
    given.set()
    assert all(results)


@pytest.mark.parametrize("error", [ValueError, Panic])
def test_what_is_raised_arrives(error: type[BaseException], pool: ThreadPoolExecutor) -> None:
    def do(item: int) -> int:
        if item == 2:
            raise error
        return item

    results = side_by_side(pool, THREADS, do, range(9))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(error):
        next(results)


def test_items_are_taken_when_they_are_needed(pool: ThreadPoolExecutor) -> None:
    items = iter(range(100_000))
    next(side_by_side(pool, THREADS, str, items))
    assert next(items) < 1000


def test_who_stops_has_nothing_more_done() -> None:
    lock, stopped, done = Lock(), Event(), []

    def do(item: int) -> int:
        with lock:
            done.append(item)
        return item if item == 0 else stopped.wait(60)

    with ThreadPoolExecutor(THREADS) as pool:
        results = side_by_side(pool, THREADS, do, range(400))
        next(results)
        results.close()  # type: ignore[attr-defined]  # a generator's
        stopped.set()
    assert len(done) <= 1 + THREADS
