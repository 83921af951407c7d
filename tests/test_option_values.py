import pytest

from batch_predict.option_values import Limit


@pytest.mark.parametrize(
    ("text", "count", "total", "allowed"),
    [
        pytest.param("0", 0, 10, True, id="none of none"),
        pytest.param("0", 1, 10, False, id="one of none"),
        pytest.param("3", 3, 10, True, id="at the number"),
        pytest.param("3", 4, 10, False, id="over the number"),
        pytest.param("1%", 1, 100, True, id="at the share"),
        pytest.param("1%", 1, 99, False, id="over the share"),
        pytest.param("0.5%", 1, 200, True, id="a fraction of a percent"),
        pytest.param("29%", 29, 100, True, id="a share that no float holds"),
        pytest.param("0.7%", 7, 1000, True, id="a fraction that no float holds"),
        pytest.param("0.00001%", 0, 7, True, id="a share that repr writes with an exponent"),
        pytest.param("100%", 7, 7, True, id="all"),
        pytest.param("1234567", 1_234_567, 10**7, True, id="a large number"),
    ],
)
def test_limit(text: str, count: int, total: int, allowed: bool) -> None:
    assert Limit.parse(text).allows(count, total) is allowed
    assert str(Limit.parse(text)) == text


@pytest.mark.parametrize("text", ["", "-1", "x", "1.5", "101%", "%", "1 %"])
def test_no_limit(text: str) -> None:
    with pytest.raises(ValueError, match="a limit is a number such as 3"):
        Limit.parse(text)
