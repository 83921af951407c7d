"""python -m batch_predict.report, from a finished run."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from batch_predict.job import run
from batch_predict.manifest.expected import RESTS_ON
from batch_predict.options import Options
from batch_predict.process.output_lock import locked
from batch_predict.report.cli import main
from batch_predict.report.numbers import NO_FIGURE
from tests.conftest import ROOT, SAMPLES, noise, save
from tests.support.spoilt import DEEP, replaced, without


def read(csv: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((csv.parent / "out.report.json").read_text())
    return found


def page(csv: Path) -> str:
    return (csv.parent / "out.report.html").read_text(encoding="utf-8")


def test_a_run_with_truth_writes_the_report(made: Path) -> None:
    found = read(made)
    assert found["accuracy"] == 27 / 30
    assert len(found["suspected_label_errors"]) == 3
    manifest = json.loads((made.parent / "out.run.json").read_text())
    assert found["provenance"]["csv_sha256"] == manifest["csv_sha256"]
    assert found["provenance"]["model_sha256"] == manifest["model"]["sha256"]
    assert "90.00%" in page(made)
    assert [found["n_wrong"], found["n_caught"]] == [3, 0]
    for name in ("accuracy", "silently_wrong", "errors_among_ok"):
        assert manifest[name] == found[name]
        assert manifest[f"{name}_interval"] == found[f"{name}_interval"]


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        pytest.param({"value": 0.98, "n": 30, "rests_on": RESTS_ON},
                     f"98.00% {NO_FIGURE} no truth, {RESTS_ON}, of 30 labels", id="expected"),
        pytest.param({"value": None, "n": 30, "withheld": "it drifted"},
                     f"{NO_FIGURE} {NO_FIGURE} withheld: it drifted", id="withheld"),
    ],
)  # fmt: skip
def test_what_is_counted_and_what_is_expected_stand_side_by_side(
    made: Path, expected: dict[str, Any], words: str
) -> None:
    manifest = made.parent / "out.run.json"
    form = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(form | {"expected": expected}))
    assert main([str(made)]) == 0
    assert read(made)["expected"] == expected
    (table,) = re.findall(r'id="estimates">.*?</table>', page(made), re.DOTALL)
    text = " ".join(re.sub("<[^>]+>", " ", table).split())
    assert "counted 90.00% 74.38% to 96.54% the truth of all 30 rows" in text
    assert f"expected {words}" in text


@pytest.mark.parametrize(
    ("field", "words"),
    [
        pytest.param("exact_copies", "1 picture is an exact copy of others", id="copies"),
        pytest.param("seen_in_training", "1 picture is among those that the model", id="seen"),
    ],
)
def test_pictures_that_prove_less_are_said(made: Path, field: str, words: str) -> None:
    manifest = made.parent / "out.run.json"
    assert not read(made)[field]
    assert "exact cop" not in page(made)
    form = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(form | {field: 1}))
    assert main([str(made)]) == 0
    assert read(made)[field] == 1
    assert words in page(made)


def test_the_page_stands_alone_and_hostile_names_are_text(made: Path) -> None:
    text = page(made)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;.png" in text
    for forbidden in ("<script", "<img src=x", "http", "url(//", "<link", "@import"):
        assert forbidden not in text
    assert text.count("<svg") >= 3
    assert text.count("<svg") == text.count('role="img"')
    assert text.count("<img") == text.count(" alt=") == 2 * 3


def test_again_without_scoring(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = read(made), page(made)
    assert main([str(made)]) == 0
    assert (read(made), page(made)) == first
    assert capsys.readouterr().out.startswith("accuracy 90.00% of 30 with truth (95% interval")


def test_other_labels_with_groups_and_conflicts(made: Path, tmp_path: Path) -> None:
    labels = tmp_path / "mine.csv"
    labels.write_text("file,digit,scanner\n5.png,8,A\n6.png,x,B\n7.png,3,B\ngone.png,1,B\n")
    assert main([str(made), "--labels", str(labels)]) == 0
    found = read(made)
    assert found["n"] == 2
    assert {group["name"] for group in found["by_column"]["scanner"]} == {"A", "B"}
    source = found["provenance"]
    assert source["truth_source"] == f"labels file {labels}"
    counts = {finding["what"]: finding["count"] for finding in source["findings"]}
    assert counts["pictures without truth"] == 28
    assert counts["labels that are not 0 to 9 (not used)"] == 1
    assert counts["rows of the labels file without a picture"] == 1
    assert "pictures on whose truth the sources disagree" in counts  # the folders say otherwise


def test_compare(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = tmp_path / "old.csv"
    lines = made.read_text().splitlines()
    old.write_text("\n".join([lines[0], *lines[1:-2]]) + "\n")
    assert main([str(made), "--compare", str(old)]) == 0
    said = capsys.readouterr().out
    assert "; of 28 also in old.csv: 89.29% there, 89.29% here. No row is right in only" in said
    found = read(made)["comparison"]
    digest = hashlib.sha256(old.read_bytes()).hexdigest()
    earlier = {"csv": "old.csv", "csv_sha256": digest, "model": None, "model_sha256": None}
    assert found["earlier"] == earlier
    assert (found["n"], found["only_now"], found["n_changed"], found["mcnemar_p"]) == (
        28,
        2,
        0,
        1.0,
    )
    assert "Against the earlier CSV" in page(made)


def test_sample_then_labels(made: Path, tmp_path: Path) -> None:
    to_label = tmp_path / "to_label.csv"
    assert main([str(made), "--sample", "10", str(to_label)]) == 0
    header, *rows = to_label.read_text().splitlines()
    assert (header, len(rows), len(set(rows))) == ("path,label", 10, 10)
    filled = [row + "4" if at else row for at, row in enumerate(rows)]  # one is left open
    to_label.write_text("\n".join([header, *filled]))
    assert main([str(made), "--labels", str(to_label)]) == 0
    assert read(made)["n"] == 9

    again = tmp_path / "again.csv"
    assert main([str(made), "--sample", "10", str(again)]) == 0
    assert again.read_text().splitlines()[1:] == rows
    assert main([str(made), "--sample", "99", str(tmp_path / "all.csv")]) == 0
    assert len((tmp_path / "all.csv").read_text().splitlines()) == 31


def test_pictures_that_are_gone_are_said_to_be(made: Path) -> None:
    manifest = made.parent / "out.run.json"
    manifest.write_text(manifest.read_text().replace('/in"', '/gone"'))
    assert main([str(made)]) == 0
    assert "no longer where the run found them" in page(made)
    assert "<img" not in page(made)


def test_without_a_manifest(made: Path) -> None:
    (made.parent / "out.run.json").unlink()
    assert main([str(made)]) == 0
    assert "there is no manifest beside the CSV" in page(made)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        pytest.param(["absent.csv"], 3, "can't read absent.csv", id="no-csv"),
        pytest.param(["absent/out.csv"], 3, "can't read absent/out.csv", id="no-folder"),
        pytest.param(
            ["CSV", "--compare", "setup.cfg"], 3, "setup.cfg is no CSV", id="no-earlier-csv"
        ),
        pytest.param(["CSV", "--compare", "absent.csv"], 3, "absent.csv", id="earlier-absent"),
        pytest.param(["CSV", "--labels", "absent.csv"], 2, "absent.csv", id="no-labels"),
        pytest.param(["CSV", "--sample", "0", "x.csv"], 2, "at least 1", id="sample-of-none"),
        pytest.param(["CSV", "--sample", "9" * 5000, "x.csv"], 2, "at least 1", id="many-digits"),
        pytest.param(
            ["CSV", "--sample", "1", "x.csv", "--labels", "y.csv"],
            2,
            "leave out",
            id="sample-with-labels",
        ),
        pytest.param(["CSV", "--sample", "1", "CSV"], 2, "is the table", id="sample-over-the-csv"),
        pytest.param(
            ["CSV", "--sample", "1", "setup.cfg"], 2, "already there", id="sample-over-a-file"
        ),
        pytest.param(["CSV", "--sample", "1", "no/x.csv"], 8, "can't write", id="sample-nowhere"),
    ],
)
def test_errors(
    made: Path, arguments: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(made) if word == "CSV" else word for word in arguments]) == code
    assert words in capsys.readouterr().err


HEADER = "path,label,confidence,status,reason"


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param("elsewhere/a.png,1,0.5,ok,\n", id="other pictures"),
        pytest.param("", id="no picture"),
    ],
)
def test_a_csv_of_other_pictures_is_not_compared(
    made: Path, tmp_path: Path, rows: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first = page(made)
    other = tmp_path / "other.csv"
    other.write_text(f"{HEADER}\n{rows}")
    assert main([str(made), "--compare", str(other)]) == 2
    assert "other.csv shares no picture with ground truth with" in capsys.readouterr().err
    assert page(made) == first


def test_while_a_run_writes_there_is_no_report(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = page(made)
    with locked(str(made.parent / ".out.csv.lock")):
        assert main([str(made), "--compare", str(made)]) == 6
    assert "another run is writing this output" in capsys.readouterr().err
    assert page(made) == first
    assert main([str(made), "--compare", str(made)]) == 0
    assert not (made.parent / ".out.csv.lock").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda text: text + "x", "is no manifest", id="broken"),
        pytest.param(lambda text: "{}", "is no manifest", id="empty"),
        pytest.param(lambda text: text.replace("a256", "b256"), "is no manifest", id="no-hash"),
        pytest.param(lambda text: re.sub('_sha256": ".', r"\g<0>0", text), "another", id="other"),
    ],
)
def test_a_manifest_must_belong(
    made: Path, change: Callable[[str], str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = made.parent / "out.run.json"
    manifest.write_text(change(manifest.read_text()))
    assert main([str(made)]) == 3
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "words"),
    [
        *(
            pytest.param(lambda m, k=key: without(m, (k,)), f"{key} is missing", id=f"no-{key}")
            for key in (
                "manifest_version",
                "arguments",
                "model",
                "versions",
                "truth_source",
                "truth_findings",
                "counts",
                "started",
                "accuracy",
                "exit_code",
            )
        ),
        pytest.param(lambda m: without(m, ("model", "path")), "model.path is missing", id="inner"),
        pytest.param(lambda m: m | {"arguments": []}, "arguments is a list", id="list"),
        pytest.param(lambda m: m | {"model": None}, "model is null, not an object", id="null"),
        pytest.param(lambda m: m | {"started": "noon"}, 'started is "noon", not a time', id="text"),
        pytest.param(
            lambda m: replaced(m, ("arguments", "polarity"), "up"), "received 'up'", id="option"
        ),
        pytest.param(lambda m: m | {"manifest_version": 2}, "is 2, not 1", id="version"),
    ],
)
def test_a_manifest_that_lacks_a_part_is_said(
    made: Path,
    change: Callable[[dict[str, Any]], object],
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    manifest = made.parent / "out.run.json"
    manifest.write_text(json.dumps(change(json.loads(manifest.read_text()))))
    assert main([str(made)]) == 3
    said = capsys.readouterr().err
    assert "out.run.json is no whole manifest: " in said
    assert words in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("place", ['{"csv_sha256": DEEP}', "DEEP"])
def test_a_manifest_of_a_hundred_thousand_levels(
    made: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (made.parent / "out.run.json").write_text(place.replace("DEEP", DEEP))
    assert main([str(made)]) == 3
    assert "is no manifest; remove it to go on without it" in capsys.readouterr().err


def test_help_answers_without_anything_heavy() -> None:
    code = (
        "import sys, runpy; sys.argv = ['report', '--help']\n"
        "try: runpy.run_module('batch_predict.report', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print({'numpy', 'pandas', 'matplotlib', 'tensorflow'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.startswith("usage: python -m batch_predict.report")
    assert run.stdout.splitlines()[-1] == "set()"


@pytest.mark.slow
@pytest.mark.parametrize("runtime", ["onnx", "keras"])
def test_a_run_with_truth_imports_nothing_that_only_tests_and_training_use(
    tmp_path: Path, runtime: str
) -> None:
    """With a picture that is told wrong, so that it is on the page."""
    shutil.copytree(SAMPLES / "1", tmp_path / "in" / "2")
    code = (
        "import sys; from batch_predict.cli import main\n"
        f"code = main(['in', 'out.csv', '--runtime', '{runtime}', '--quiet'],"
        " own_process=True)\n"
        "print(code, {'matplotlib', 'pandas', 'scipy', 'sklearn'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "<img" in page(tmp_path / "out.csv")
    assert run.stdout == "0 set()\n"


def test_no_truth_at_all(
    options: Callable[..., Options], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save(tmp_path / "in" / "a.png", noise(0))
    run(options())
    assert main([str(tmp_path / "out.csv")]) == 2
    assert "--audit 400" in capsys.readouterr().err


def test_labels_that_have_nothing_to_do_with_the_pictures(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = tmp_path / "mine.csv"
    wrong = ((line.split(",")[0], (int(line.split(",")[1]) + 1) % 10) for line in
             made.read_text().splitlines()[1:] if line[0].isdigit())  # fmt: skip
    labels.write_text("path,label\n" + "".join(f'"{path}",{digit}\n' for path, digit in wrong))
    assert main([str(made), "--labels", str(labels)]) == 0
    assert "is near chance: is the truth by labels file" in capsys.readouterr().err
    assert "The accuracy is near chance" in page(made)
