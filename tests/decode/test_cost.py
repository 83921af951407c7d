import pytest

from tests.bench.decode import GOAL, small_png


@pytest.mark.slow
def test_a_small_png_costs_little_more_than_pillow_alone():
    assert small_png() <= GOAL
