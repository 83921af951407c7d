"""Every runtime: probabilities, the same for a picture wherever it stands in a batch."""

import numpy as np
import pytest

from batch_predict.errors import UsageError
from batch_predict.modelfile import find_model
from batch_predict.runtimes import RUNTIMES, Runtime, find_runtime

BATCH = 64


@pytest.fixture(scope="module", params=list(RUNTIMES))
def runtime(request: pytest.FixtureRequest) -> Runtime:
    return find_runtime(request.param)(find_model("digits").path, BATCH, 0)


def pictures() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.random.default_rng(1).random((BATCH, 28, 28, 1), np.float32)


def test_outputs_are_probabilities(runtime: Runtime) -> None:
    out = runtime(pictures())
    assert out.shape == (BATCH, 10)
    assert out.dtype == np.float32
    assert (out >= 0).all()
    np.testing.assert_allclose(out.sum(axis=1), 1, atol=1e-5)


def test_an_answer_does_not_depend_on_its_place(runtime: Runtime) -> None:
    order = np.random.default_rng(2).permutation(BATCH)
    np.testing.assert_array_equal(runtime(pictures()[order]), runtime(pictures())[order])


def test_an_answer_does_not_depend_on_its_neighbours(runtime: Runtime) -> None:
    alone = np.zeros((BATCH, 28, 28, 1), np.float32)
    alone[0] = pictures()[0]
    np.testing.assert_array_equal(runtime(alone)[0], runtime(pictures())[0])


def test_an_unknown_runtime_lists_the_known() -> None:
    with pytest.raises(UsageError, match="unknown runtime 'abacus': known are keras"):
        find_runtime("abacus")
