"""The scale on which a model takes pixels: read, applied, and told from a network's rescaling."""

import numpy as np
import pytest

from batch_predict.runtimes.scale import BYTE, COMMON, UNIT, Scale, scales_before

LEVELS = (np.arange(256).reshape(1, 16, 16, 1) / np.float32(255)).astype(np.float32)


def test_each_level_is_exact_on_the_scale_of_bytes() -> None:
    np.testing.assert_array_equal(BYTE.values(LEVELS).ravel(), np.arange(256))
    np.testing.assert_array_equal(BYTE.inverse.values(LEVELS).ravel(), np.arange(256)[::-1])


@pytest.mark.parametrize("scale", COMMON, ids=str)
def test_ground_and_ink_have_the_values_of_the_scale(scale: Scale) -> None:
    values = scale.values(LEVELS).ravel()
    assert values.dtype == np.float32
    assert values[[0, -1]] == pytest.approx(scale)
    assert np.ptp(np.diff(values)) < 1e-4 * abs(scale.high - scale.low)  # evenly


@pytest.mark.parametrize(
    ("factor", "offset", "expected"),
    [
        pytest.param(1 / 255, 0, [BYTE], id="to 0..1"),
        pytest.param(1 / 256, 0, [BYTE], id="to a bit less"),
        pytest.param(1 / 127.5, -1, [BYTE], id="to -1..1"),
        pytest.param(-1 / 255, 1, [BYTE.inverse], id="inverted"),
        pytest.param(2, -1, [UNIT], id="of 0..1 to -1..1"),
        pytest.param(255, 0, [UNIT], id="of 0..1 to bytes"),
        pytest.param(-1, 1, [UNIT.inverse], id="of 0..1, inverted"),
        pytest.param(0.001, 0, [], id="to nothing known"),
        pytest.param(0, 0, [], id="to nothing"),
        pytest.param(float("nan"), 0, [], id="to no number"),
    ],
)
def test_what_a_rescaling_expects(factor: float, offset: float, expected: list[Scale]) -> None:
    assert list(scales_before(factor, offset)) == expected


def test_as_json() -> None:
    assert BYTE.to_json() == [0, 255]
    assert Scale.read(Scale(-0.5, 0.5).to_json()) == (-0.5, 0.5)
