import math
import os
from typing import Any

import pytest

from batch_predict.errors import UsageError
from batch_predict.options import Limit, Options
from batch_predict.shard import Shard


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
        pytest.param("100%", 7, 7, True, id="all"),
        pytest.param("1234567", 1_234_567, 10**7, True, id="a large number"),
    ],
)
def test_limit(text: str, count: int, total: int, allowed: bool) -> None:
    assert Limit.parse(text).allows(count, total) is allowed
    assert str(Limit.parse(text)) == text


@pytest.mark.parametrize("text", ["", "-1", "x", "1.5", "101%", "%", "1 %"])
def test_no_limit(text: str) -> None:
    with pytest.raises(UsageError, match="a limit is a number such as 3"):
        Limit.parse(text)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param({"batch_size": 0}, "batch size must be at least 1, received 0", id="batch"),
        pytest.param({"batch_size": -1}, "at least 1, received -1", id="batch below 0"),
        pytest.param({"workers": 0}, "workers must be at least 1, received 0", id="workers"),
        pytest.param({"max_pixels": 0}, "max pixels must be at least 1, received 0", id="pixels"),
        pytest.param({"image_timeout": 0.0}, "must be over 0 s, received 0", id="timeout"),
        pytest.param({"image_timeout": math.nan}, "over 0 s, received nan", id="timeout nan"),
        pytest.param({"review_below": 1.1}, "from 0 to 1, received 1.1", id="review"),
        pytest.param({"review_below": -0.1}, "from 0 to 1, received -0.1", id="review below 0"),
        pytest.param({"min_accuracy": 0.0}, "such as 0.99, received 0", id="accuracy"),
        pytest.param({"min_accuracy": 99.0}, "such as 0.99, received 99", id="percent"),
        pytest.param({"max_drift": 0.0}, "above 0 such as 0.2, received 0", id="drift"),
        pytest.param({"metrics_file": "m.txt"}, "ends in .prom, received m.txt", id="metrics"),
        pytest.param(
            {"shard": Shard(0, 2), "min_accuracy": 0.9}, "give it to batch_predict.merge", id="part"
        ),
    ],
)
def test_a_value_out_of_range(given: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Options("in", "out.csv", **given)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"batch_size": 1, "workers": 1, "max_pixels": 1}, id="ones"),
        pytest.param({"review_below": 0.0, "min_accuracy": 1.0}, id="one end"),
        pytest.param({"review_below": 1.0, "max_drift": 1e-9, "image_timeout": 1e-9}, id="other"),
    ],
)
def test_a_value_at_the_end_of_its_range(given: dict[str, Any]) -> None:
    assert vars(Options("in", "out.csv", **given)).items() >= given.items()


def test_what_a_run_may_write() -> None:
    options = Options("in", "to/out.csv", save_prepared="sheets", metrics_file="x.prom")
    assert {os.path.relpath(path) for path in options.outputs} == {
        *("to/out.csv", "to/out.csv.cache"),
        *("x.prom", "to/out.run.json", "to/out.report.json", "to/out.report.html"),
        *(f"sheets/prepared-{number}.png" for number in range(1, 6)),
    }
