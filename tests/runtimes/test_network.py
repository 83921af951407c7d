"""A network that is made for each size of pictures."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

from batch_predict.errors import ModelError
from batch_predict.runtimes.network import AnySize, Floats, Network, Shape


def blank(side: int) -> Floats:
    return np.zeros((2, side, side, 3), np.float32)


def doubled(pictures: Floats) -> tuple[Floats, ...]:
    return (2 * pictures,)


def test_it_is_made_once_for_a_size() -> None:
    made = []

    def make(shape: Shape) -> Network:
        made.append(shape)
        return doubled

    network = AnySize(make, "ink.keras", ())
    for side in (64, 32, 64):
        (out,) = network(blank(side) + 3)
        assert (out == 6).all()
    assert made == [(64, 64, 3), (32, 32, 3)]


def test_a_thread_waits_while_another_makes_it() -> None:
    begun, go_on, made = Event(), Event(), []

    def make(shape: Shape) -> Network:
        made.append(shape)
        begun.set()
        assert go_on.wait(60)
        return doubled

    network = AnySize(make, "ink.keras", ())
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(network, blank(16))
        assert begun.wait(60)
        second = pool.submit(network, blank(16))
        go_on.set()
        assert all(each.result()[0].shape == (2, 16, 16, 3) for each in (first, second))
    assert len(made) == 1


def failing(error: Exception) -> Callable[[object], Network]:
    def fail(given: object) -> Network:
        raise error

    return fail


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(failing(KeyError("maps")), id="made"),
        pytest.param(lambda shape: failing(KeyError("maps")), id="run"),
    ],
)
def test_what_the_library_raises_says_the_size(make: Callable[[Shape], Network]) -> None:
    network = AnySize(make, "ink.keras", (KeyError,))
    with pytest.raises(ModelError, match=r"network ink\.keras on pictures 40x40x3"):
        network(blank(40))


def test_a_bug_is_not_the_networks_fault() -> None:
    with pytest.raises(NameError):
        AnySize(failing(NameError("a bug")), "ink.keras", (KeyError,))(blank(16))
