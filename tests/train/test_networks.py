import pytest

from train.cost import multiply_adds
from train.registry import build


@pytest.mark.parametrize(
    ("network", "parameters", "cost"),
    [
        pytest.param("article-code", 257_162, 5_846_144, id="the article's code"),
        pytest.param("article-summary", 130_250, 6_014_080, id="the article's printed summary"),
        pytest.param("compact", 260_570, 7_390_656, id="compact"),
        pytest.param("compact-deep", 297_692, 8_717_760, id="one convolution more"),
    ],
)
def test_the_size_of_each_network(network, parameters, cost):
    model = build(network)
    assert model.count_params() == parameters
    assert multiply_adds(model) == cost
    assert model.output_shape == (None, 10)
