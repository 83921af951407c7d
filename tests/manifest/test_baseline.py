"""Drift is measured from an earlier run or from the model's card."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from batch_predict import job
from batch_predict.drift.profile import profile_of
from batch_predict.errors import ExitCode, UsageError
from batch_predict.manifest.baseline import find_baseline
from batch_predict.manifest.model_used import Preparation
from batch_predict.option_values import Limit
from batch_predict.options import Options
from batch_predict.runtimes.model_file import ModelFile
from tests.conftest import noise, save
from tests.support.spoilt import DEEP

OURS = Preparation("1" * 64, 2)
PROFILE = profile_of([3], [0.9], [0.1])


def model(card: dict[str, Any] | None) -> ModelFile:
    return ModelFile("digits.keras", "0" * 64, card, None)


def test_the_card_unless_a_manifest_is_given(tmp_path: Path) -> None:
    carded = model({"profile": PROFILE._asdict(), **OURS.to_json()})
    found = find_baseline(None, carded, OURS, needed=True)
    assert found == ("the model's card", PROFILE)
    path = tmp_path / "out.run.json"
    other = profile_of([4], [0.9], [0.1])
    path.write_text(json.dumps({"profile": other._asdict(), "model": OURS.to_json()}))
    assert find_baseline(str(path), carded, OURS, needed=False) == (str(path), other)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Preparation(None, None), id="rules"),
        pytest.param(OURS._replace(ink_sha256="f" * 64), id="another network"),
        pytest.param(OURS._replace(normalizer=1), id="another normalizer"),
        pytest.param(OURS._replace(normalizer=-1), id="garbled"),
    ],
)
@pytest.mark.parametrize("is_card", [True, False], ids=["card", "manifest"])
def test_what_was_prepared_in_another_way_is_not_compared(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, other: Preparation, is_card: bool
) -> None:
    said = other.to_json()
    profile = PROFILE._asdict()
    carded, path = model({"profile": profile, **said} if is_card else None), None
    if not is_card:
        path = str(tmp_path / "out.run.json")
        Path(path).write_text(json.dumps({"profile": profile, "model": said}))
    assert find_baseline(path, carded, OURS, needed=False) is None
    (warning,) = caplog.messages
    mend = "python -m train evaluate digits.keras" if is_card else "run once without it"
    assert warning.startswith("drift is not measured from ")
    assert warning.endswith(mend)
    with pytest.raises(UsageError, match="prepared in another way"):
        find_baseline(path, carded, OURS, needed=True)


@pytest.mark.parametrize("card", [None, {}, {"profile": {"of": "another version"}}])
def test_a_card_may_have_none(card: dict[str, Any] | None) -> None:
    assert find_baseline(None, model(card), OURS, needed=False) is None
    with pytest.raises(UsageError, match="--baseline takes an earlier"):
        find_baseline(None, model(card), OURS, needed=True)


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"profile": 3}', DEEP, "null"])
def test_a_manifest_must_hold_one(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "out.run.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match=r"can.t measure drift from .*out\.run\.json"):
        find_baseline(str(path), model(None), OURS, needed=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(250):
        save(tmp_path / "in" / f"{number}.png", noise(number))
    return tmp_path


@pytest.mark.parametrize(
    ("gates", "code", "said"),
    [
        pytest.param({"max_drift": 0.2}, ExitCode.OK, "", id="the same again"),
        pytest.param({"max_review": Limit.parse("5%")}, ExitCode.OK, "", id="none for review"),
        pytest.param(
            {"max_review": Limit.parse("5%"), "review_below": 0.9},
            ExitCode.GATE,
            "--max-review 5% is exceeded: ",
            id="many for review",
        ),
    ],
)
def test_gates(
    folder: Path,
    options: Callable[..., Options],
    caplog: pytest.LogCaptureFixture,
    gates: dict[str, Any],
    code: ExitCode,
    said: str,
) -> None:
    job.run(options())
    earlier = (folder / "out.run.json").rename(folder / "earlier.run.json")
    assert job.run(options(baseline=str(earlier), **gates)) is code
    assert said in caplog.text
    assert bool(caplog.text) is bool(said)


def test_a_drift_is_said_and_is_a_gate(
    folder: Path,
    options: Callable[..., Options],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    job.run(options())
    for path in (folder / "in").iterdir():
        save(path, noise(int(path.stem)) // 4)
    baseline = str(folder / "out.run.json")
    earlier = folder / "earlier.run.json"
    earlier.write_text((folder / "out.run.json").read_text())
    assert job.run(options(baseline=str(earlier))) is ExitCode.OK
    assert f"(ink: less ink) from {earlier}" in capsys.readouterr().out
    assert job.run(options(baseline=str(earlier), max_drift=0.2)) is ExitCode.GATE
    assert "--max-drift 0.2 is exceeded: drift " in caplog.text
    assert json.loads(Path(baseline).read_text())["exit_code"] == ExitCode.GATE
