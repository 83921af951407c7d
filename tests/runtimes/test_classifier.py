"""What stands between pixels and a network that reads digits."""

import numpy as np
import pytest

from batch_predict.runtimes import Classifier
from batch_predict.runtimes.scale import BYTE, UNIT
from tests.support.own_models import digits


@pytest.mark.parametrize(
    ("classifier", "high"),
    [
        pytest.param(Classifier(lambda values: (values,)), 1, id="nothing said"),
        pytest.param(Classifier(lambda values: (values,), UNIT), 1, id="0 to 1"),
        pytest.param(Classifier(lambda values: (values,), BYTE), 255, id="bytes"),
    ],
)
def test_pixels_reach_the_network_on_its_scale(classifier: Classifier, high: int) -> None:
    pixels, _ = digits()
    np.testing.assert_allclose(classifier(pixels), pixels * np.float32(high), rtol=1e-6)


def test_pixels_on_0_to_1_are_passed_on_as_they_are() -> None:
    pixels, _ = digits()
    assert Classifier(lambda values: (values,))(pixels) is pixels
