import pytest

from batch_predict.decode.plain_pnm import to_binary


@pytest.mark.parametrize(
    ("plain", "binary"),
    [
        pytest.param(b"P2 2 1 9\n3 4", b"P5 2 1 9\n\3\4", id="grey"),
        pytest.param(b"P2\n# by hand\n2 1 9 # white\n3\t4\n", b"P5 2 1 9\n\3\4", id="comments"),
        pytest.param(b"P2 2 1 999\n3 400", b"P5 2 1 999\n\0\3\1\x90", id="two bytes"),
        pytest.param(b"P3 1 1 9\n1 2 3 4 5", b"P6 1 1 9\n\1\2\3", id="more than it takes"),
        pytest.param(b"P2 2 1 9\n3", b"P5 2 1 9\n\3", id="cut short"),
    ],
)
def test_the_binary_kind_of_the_same_pixels(plain, binary):
    assert to_binary(plain, max_pixels=100) == binary


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"P5 2 1 9\n\3\4", id="binary"),
        pytest.param(b"P1 2 1\n0 1", id="bits"),
        pytest.param(b"P2 2 1 9\n3 10", id="over its white"),
        pytest.param(b"P2 2 1 9\n3 four", id="words"),
        pytest.param(b"P2 2 1 9\n", id="no pixels"),
        pytest.param(b"P2 11 10 9\n3 4", id="too large"),
    ],
)
def test_anything_else_is_left_alone(data):
    assert to_binary(data, max_pixels=100) is data
