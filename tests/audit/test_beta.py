import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from batch_predict.audit.beta import beta_cdf, beta_quantile, log_gamma, t_quantile

PARAMETERS = st.floats(0.01, 20_000)


@given(st.floats(1e-200, 1), PARAMETERS, PARAMETERS)
def test_the_distribution_function_is_scipys(x: float, a: float, b: float) -> None:
    assert float(beta_cdf(x, a, b)) == pytest.approx(float(special.betainc(a, b, x)), abs=1e-9)


@pytest.mark.parametrize("q", [0.025, 0.05, 0.5, 0.95, 0.975])
def test_quantiles_are_scipys(q: float) -> None:
    a = np.array([0.01, 0.3, 1, 2, 50, 1_500, 5])
    b = np.array([4, 2, 400, 3, 1_950, 3, 0.5])
    assert beta_quantile(q, a, b) == pytest.approx(stats.beta.ppf(q, a, b), abs=1e-13)


def test_of_far_more_answers_than_anyone_gives_the_quantile_is_near() -> None:
    expected = float(stats.beta.ppf(0.025, 1e6, 1e6))
    assert float(beta_quantile(0.025, 1e6, 1e6)) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("degrees", [1, 2, 4, 30, 500])
def test_students_quantiles_are_scipys(degrees: int) -> None:
    assert t_quantile(0.975, degrees) == pytest.approx(float(stats.t.ppf(0.975, degrees)), rel=1e-9)


@given(st.floats(0.01, 1e8))
def test_the_logarithm_of_gamma_is_scipys(x: float) -> None:
    expected = float(special.gammaln(x))
    assert float(log_gamma(x)) == pytest.approx(expected, rel=1e-12, abs=1e-12)
