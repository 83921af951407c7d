"""What a finished run says of its truth."""

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from batch_predict.errors import ExitCode, UsageError
from batch_predict.job import run
from batch_predict.manifest.gates import is_near_chance
from batch_predict.manifest.manifest import Manifest
from batch_predict.manifest.summary import line
from batch_predict.options import Options
from batch_predict.report.cli import main
from tests.conftest import ROOT, noise, save
from tests.support.fakes import expected

MakeOptions = Callable[..., Options]


def folder(path: Path, names: list[str]) -> dict[str, int]:
    """Pictures of these names in `path`, and what is read of each."""
    for seed, name in enumerate(names):
        save(path / name, noise(seed))
    return {name: expected(noise(seed))[0] for seed, name in enumerate(names)}


@pytest.mark.usefixtures("engine")
def test_labels_that_half_fit(
    tmp_path: Path,
    options: MakeOptions,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each is taken or warned of; what has none is counted; `report` says the same."""
    names = ["x/a.png", "x/b.png", unicodedata.normalize("NFD", "é.png"), "x/c.png", "x/d.png"]
    right = folder(tmp_path / "in", names)
    written = ["x/a.png", "x\\B.PNG", "é.png", "x/gone.png", "x/c.png"]
    truth = [*(str(right[name]) for name in names[:3]), "7", "7,0"]
    labels = tmp_path / "mine.csv"
    rows = "".join(f"{path};{label}\n" for path, label in zip(written, truth, strict=True))
    labels.write_text(f"sep=;\n# of May\npath;label\n{rows}", encoding="utf-8")

    assert run(options(labels=str(labels), engine="here")) is ExitCode.OK
    said = capsys.readouterr().out
    assert "accuracy 100.00% of 3 with truth; 2 without truth, e.g. x/c.png;" in said
    assert "; labels matched: 1 in another Unicode form, 1 in another case;" in said
    warned = [
        f"labels file {labels}: 1 label fits no picture,"
        ' e.g. "x/gone.png" (line 7): no picture has this name',
        f'labels file {labels}: 1 label is not 0 to 9, e.g. "7,0" (line 8)',
    ]
    assert caplog.messages == warned
    findings = json.loads((tmp_path / "out.run.json").read_text())["truth_findings"]
    counts = {each["what"]: (each["count"], each["examples"][0]) for each in findings}
    assert counts == {
        "pictures without truth": (2, "x/c.png"),
        "rows of the labels file without a picture": (1, "x/gone.png"),
        "labels that are not 0 to 9 (not used)": (1, "x/c.png: 7,0"),
        "labels matched in another Unicode form": (1, f"é.png: {names[2]}"),
        "labels matched in another case": (1, "x\\B.PNG: x/b.png"),
    }
    caplog.clear()
    assert main([str(tmp_path / "out.csv"), "--labels", str(labels)]) == 0
    assert "accuracy 100% of 3 with truth" in capsys.readouterr().out


@pytest.mark.usefixtures("engine")
def test_what_was_kept_is_not_scored_now(
    tmp_path: Path, options: MakeOptions, capsys: pytest.CaptureFixture[str]
) -> None:
    folder(tmp_path / "in", ["a.png", "b.png"])
    said = []
    for name in (None, None, "c.png"):
        if name:
            save(tmp_path / "in" / name, noise(7))
        run(options(engine="here", incremental=True))
        said.append(capsys.readouterr().out)
    assert ["scored now" in words for words in said] == [False, True, True]
    assert "; none scored now;" in said[1]
    assert "; 1 scored now;" in said[2]


@pytest.mark.usefixtures("engine")
def test_a_part_leaves_what_is_known_of_the_whole_to_the_merge(
    tmp_path: Path, options: MakeOptions, capsys: pytest.CaptureFixture[str]
) -> None:
    folder(tmp_path / "in", ["3/a.png", "b.png", "c.png"])
    run(options(engine="here", shard="0/1"))
    assert "without truth" not in capsys.readouterr().out
    run(options(engine="here"))
    assert "; 2 without truth, e.g. b.png;" in capsys.readouterr().out


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("changes", "warns"),
    [
        pytest.param({}, True, id="months"),
        pytest.param({"no_labels": True}, False, id="no-labels"),
        pytest.param({"label_pattern": "/(?P<label>[0-9])_"}, False, id="the-digits"),
    ],
)
def test_folders_that_are_no_digits(
    tmp_path: Path,
    options: MakeOptions,
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, object],
    warns: bool,
) -> None:
    for seed in range(12):
        digit = expected(noise(seed))[0]
        month = (digit + 1) % 10 if seed else digit  # one is right by chance
        save(tmp_path / "in" / str(month) / f"{digit}_{seed}.png", noise(seed))
    assert run(options(engine="here", **changes)) is ExitCode.OK
    warning = (
        "accuracy 8.33% of 12 is near chance: is the truth by digit-named folders what the"
        " pictures show? --no-labels goes without"
    )
    assert caplog.messages == [warning] * warns
    header = (tmp_path / "out.csv").read_text().splitlines()[0]
    assert header.endswith("truth") is ("no_labels" not in changes)
    assert (tmp_path / "out.report.html").exists() is ("no_labels" not in changes)


@pytest.mark.usefixtures("engine")
def test_where_pictures_failed_accuracy_says_nothing_of_the_truth(
    tmp_path: Path, options: MakeOptions, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "in" / "3").mkdir(parents=True)
    for number in range(12):
        (tmp_path / "in" / "3" / f"{number}.png").write_bytes(b"no picture")
    run(options(engine="here"))
    assert not any("near chance" in message for message in caplog.messages)


@pytest.mark.parametrize(
    ("interval", "near"),
    [
        pytest.param((0.0, 0.49), True, id="none-of-4"),
        pytest.param((0.0, 0.56), False, id="none-of-3"),
        pytest.param((0.09, 0.11), True, id="one-in-ten-of-many"),
        pytest.param((0.13, 0.17), True, id="hardly-better"),
        pytest.param((0.2, 0.3), True, id="twice-chance"),
        pytest.param((0.21, 0.3), False, id="better"),
        pytest.param((0.2, 0.5), False, id="maybe-a-half"),
        pytest.param((0.9, 1.0), False, id="well"),
        pytest.param(None, False, id="no-truth"),
    ],
)
def test_near_chance(interval: tuple[float, float] | None, near: bool) -> None:
    assert is_near_chance(interval) is near


@pytest.mark.parametrize(("psi", "is_said"), [(0.2, False), (0.2001, True)])
def test_a_shift_from_a_baseline_is_said_where_it_is_notable(psi: float, is_said: bool) -> None:
    golden = ROOT / "tests" / "golden" / "manifests_1_0_0" / "whole.run.json"
    form = json.loads(golden.read_text())
    form["arguments"]["baseline"] = "earlier.run.json"
    form["drift"]["psi"]["ink"] = psi
    assert ("drift 0.20 (ink)" in line(Manifest.from_json(form))) is is_said


@pytest.mark.parametrize("other", [{"labels": "x.csv"}, {"label_pattern": "x"}])
def test_labels_and_no_labels_contradict_each_other(
    options: MakeOptions, other: dict[str, str]
) -> None:
    with pytest.raises(UsageError, match="--no-labels is for a run without ground truth"):
        options(no_labels=True, **other)


def test_a_labels_csv_in_the_folder_is_no_truth_with_no_labels(
    tmp_path: Path, options: MakeOptions
) -> None:
    folder(tmp_path / "in", ["a.png"])
    (tmp_path / "in" / "labels.csv").write_text("path,label\na.png,7\n")
    run(options(no_labels=True))
    manifest = json.loads((tmp_path / "out.run.json").read_text())
    assert (manifest["truth_source"], manifest["truth_findings"]) == (None, [])
    assert manifest["arguments"]["no_labels"] is True


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("changes", "named"),
    [
        pytest.param({"review_below": 0.0}, False, id="nothing-in-doubt"),
        pytest.param({"review_below": 1.0}, True, id="for-review"),
        pytest.param({"review_below": 1.0, "shard": "0/1"}, False, id="a-part"),
        pytest.param({"max_pixels": 1, "max_failures": 1}, True, id="failed"),
    ],
)
def test_where_something_is_in_doubt_the_line_ends_with_what_shows_it(
    tmp_path: Path,
    options: MakeOptions,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, object],
    named: bool,
) -> None:
    save(tmp_path / "in" / "a.png", noise(0))
    output = tmp_path / "my out.csv"
    run(options(engine="here", output=str(output), **changes))
    said = capsys.readouterr().out.rstrip()
    command = f"; to look at them: python -m batch_predict.review '{output}'"
    assert said.endswith(command if named else f" -> {output}")


@pytest.mark.parametrize(
    ("duration_s", "words"),
    [
        pytest.param(0.001, "0.0 s (2000 pictures/s)", id="fast"),
        pytest.param(2.0, "2.0 s (1 picture/s)", id="one a second"),
        pytest.param(6.0, "6.0 s (0.3 pictures/s)", id="slow"),
        pytest.param(100.0, "100.0 s (0.02 pictures/s)", id="very slow"),
    ],
)
@pytest.mark.usefixtures("engine")
def test_a_rate_that_is_not_0_is_not_said_to_be(
    tmp_path: Path, options: MakeOptions, duration_s: float, words: str
) -> None:
    folder(tmp_path / "in", ["a.png", "b.png"])
    run(options(engine="here", quiet=True))
    told = json.loads((tmp_path / "out.run.json").read_text()) | {"duration_s": duration_s}
    assert f"; {words} -> " in line(Manifest.from_json(told))
