"""What is expected of a run whose truth nobody knows, and when nothing is."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from batch_predict import job
from batch_predict.drift import Drift
from batch_predict.drift.profile import profile_of
from batch_predict.manifest.expected import RESTS_ON, Expected, expected
from batch_predict.manifest.json_object import JsonObject
from batch_predict.manifest.read_write import read_manifest
from batch_predict.manifest.run_counts import RunCounts
from batch_predict.manifest.summary import line
from batch_predict.options import Options
from batch_predict.records import Status
from tests.conftest import noise, save

COUNTS = RunCounts(
    dict.fromkeys(Status, 0),
    {status: {} for status in Status},
    profile_of([3, 7, 7], [0.5, 0.75, 1], [0.1, 0.1, 0.1]),
    confidence_millionths=2_250_000,
)
LITTLE = Drift("the model's card", 300, {"digits": 9.0, "confidence": 0.5, "ink": 9.0})
MUCH = Drift("the model's card", 300, {"digits": 0.0, "confidence": 0.51, "ink": 0.0})


@pytest.mark.parametrize(
    ("counts", "limit", "drift", "withheld"),
    [
        pytest.param(COUNTS, 0.5, LITTLE, None, id="calibrated"),
        pytest.param(COUNTS, 0.5, MUCH, "confidences are 0.51 from those of", id="drifted"),
        pytest.param(COUNTS, None, LITTLE, "card does not say", id="no-card"),
        pytest.param(COUNTS, 0.5, None, "drift from the model's card can't", id="another-ink"),
        pytest.param(COUNTS, 0.5, Drift("x", 3, None), "3 with a label are too", id="few"),
        pytest.param(
            replace(COUNTS, confidence_millionths=None), 0.5, LITTLE, "no sum", id="older-part"
        ),
    ],
)
def test_it_is_the_mean_confidence_or_says_why_there_is_none(
    counts: RunCounts, limit: float | None, drift: Drift | None, withheld: str | None
) -> None:
    found = expected(counts, limit, drift)
    assert found.n == 3
    assert found.value == (0.75 if withheld is None else None)
    assert (withheld or "") in (found.withheld or "")
    form = found.to_json()
    assert form.get("rests_on") == (RESTS_ON if withheld is None else None)
    assert Expected.from_json(JsonObject(json.loads(json.dumps(form)))) == found


def test_the_sum_of_confidences_is_read_as_it_was_written() -> None:
    for millionths in (1, 123_456_789, 10**12 + 1):
        counts = replace(COUNTS, confidence_millionths=millionths)
        form = JsonObject(json.loads(json.dumps(counts.to_json())))
        assert RunCounts.from_json(form).confidence_millionths == millionths


@pytest.mark.usefixtures("engine")
def test_a_model_without_a_card_promises_nothing(
    tmp_path: Path, options: Callable[..., Options]
) -> None:
    save(tmp_path / "in" / "a.png", noise(0))
    job.run(options(engine="here"))
    _, manifest = read_manifest(str(tmp_path / "out.csv"))
    assert manifest is not None
    assert manifest.record.expected is not None
    assert manifest.record.expected.value is None
    assert "expected" not in line(manifest)
    known = replace(manifest.record, expected=Expected(0.98765, 1))
    words = "; expected 98.77% right (by calibrated confidence alone); "
    assert words in line(replace(manifest, record=known))
