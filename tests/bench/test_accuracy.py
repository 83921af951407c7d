"""The comparison: its table, its JSON, and what can't be compared."""

import json
import re
import sys

import pytest

from batch_predict.runtimes.model_file import find_model
from tests.bench import accuracy, accuracy_tools, sets, shots
from tests.bench.accuracy import main, sum_up
from tests.bench.accuracy_table import COLUMNS, line
from tests.bench.accuracy_tools import chosen_tools
from tests.bench.groups import GROUPS, NOT_INDEPENDENT, not_independent
from tests.bench.outcomes import Scored, figures
from tests.bench.program import learned_from
from tests.bench.sample import Sample
from tests.bench.sets import SETS, NotHadError
from tests.bench.test_outcomes import outcome
from tests.conftest import SAMPLES

SEVEN = """
import pathlib, sys
rows = [f"{p.name},7,0.25" for p in pathlib.Path(sys.argv[1]).iterdir()]
pathlib.Path(sys.argv[2]).write_text("path,label,confidence\\n" + "\\n".join(rows))
"""


class FakeArticle:
    """See `ArticleCode`."""

    def picture_seconds(self):
        return 0.001


@pytest.fixture
def ran(tmp_path, monkeypatch):
    """A comparison of a tool that calls everything a seven, on ten of scikit-learn's digits."""
    monkeypatch.setattr(accuracy, "ArticleCode", FakeArticle)
    monkeypatch.delenv("DIGITS_DATA", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    sets.mnist_test.cache_clear()
    tool = tmp_path / "tool.py"
    tool.write_text(SEVEN)
    command = f"sevens={sys.executable} {tool} {{in_dir}} {{out_csv}}"

    def run(*more):
        out = tmp_path / "out.json"
        named = ["--sets", "^(published: (opt|USPS)|MNIST$)", "--count", "10", "--out", str(out)]
        code = main(["--command", command, *named, "--tools", "^(sevens|x|none|test)", *more])
        return code, json.loads(out.read_text()) if out.exists() else None

    return run


def test_the_json_says_what_was_compared_on_what_and_what_was_found(ran, capsys):
    code, told = ran()
    assert code == 0
    assert list(told) == [
        *("made_at", "versions", "machine", "options", "ours_learned_from", "tools", "sets"),
        *("left_out", "results", "groups", "over_all"),
    ]
    assert told["options"] == {
        "count": 10,
        "seed": sets.SEED,
        "sets": "^(published: (opt|USPS)|MNIST$)",
    }
    assert list(told["ours_learned_from"]) == ["digits", "judge", "ink"]
    assert told["ours_learned_from"]["digits"]["data"]["split"]["train"] == 55_000
    assert list(told["tools"]["sevens"]) == ["kind", "prepared", "command", "call_cpu_seconds"]
    assert told["sets"] == {
        "published: optdigits": {
            "pictures": 10,
            "ours_is_at_home": "looked at while ours was made, though not learned from",
            "ours_learned_from": 0,
            "files": [],
            "checked": "as published, by scikit-learn's copy of UCI's test digits",
        }
    }
    assert told["left_out"] == {
        "published: USPS": "not named: --data USPS=PATH",
        "MNIST": "it is made of MNIST's test digits: name them by --data MNIST=mnist.npz",
    }
    (found,) = told["results"]
    assert list(found) == [
        *("set", "tool", "pictures", "digits", "right", "right_interval_95", "silently_wrong"),
        *("silently_wrong_interval_95", "review", "no_answer", "augrc", "risk_at_coverage", "ece"),
        *("second_looks", "third_looks", "cpu_seconds", "article_code_cpu_seconds"),
        "peak_memory_bytes",
    ]
    assert (found["pictures"], found["right"], found["silently_wrong"]) == (10, 1, 9)
    assert found["augrc"] == pytest.approx(0.45)
    assert found["ece"] == pytest.approx(0.15)
    assert found["article_code_cpu_seconds"] == pytest.approx(0.01)
    assert found["peak_memory_bytes"] > 1 << 20
    printed = capsys.readouterr().out
    assert "| published: optdigits* | sevens | 10 | 10.00% |" in printed
    assert "Ours (digits, judge, ink) learned from 55,000 of MNIST's training digits" in printed
    assert "Left out: published: USPS (not named: --data USPS=PATH)" in printed


def test_a_set_of_ones_own_files_is_read(ran, tmp_path):
    cells = ",".join(["0", "16"] * 32)
    (tmp_path / "mine.csv").write_text("".join(f"{cells},{digit}\n" for digit in (7, 7, 1)))
    _, told = ran("--data", f"optdigits={tmp_path / 'mine.csv'}")
    (found,) = told["results"]
    assert (found["pictures"], found["right"]) == (3, 2)
    source = told["sets"]["published: optdigits"]
    assert source["checked"] == "unchecked: no hash of it is known"
    assert [file["name"] for file in source["files"]] == ["mine.csv"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        pytest.param(["--data", "USPS=nowhere.h5"], "USPS: there is no nowhere.h5", id="data"),
        pytest.param(["--command", "x=true"], "there is no {in_dir} in it", id="template"),
        pytest.param(
            ["--command", "x=false {in_dir} {out_csv}"], "x: `false .* ended with 1", id="fails"
        ),
        pytest.param(["--model", "none.keras"], "can't read the model none.keras", id="no model"),
        pytest.param(["--model", "none.onnx"], "can't read the model none.onnx", id="no ONNX"),
        pytest.param(["--model", __file__], "a model is a .keras or .h5 file", id="another file"),
    ],
)
def test_what_cannot_be_compared_is_an_error_in_one_line(ran, capsys, more, why):
    code, told = ran(*more)
    said = capsys.readouterr().err
    assert (code, told) == (2, None)
    assert re.search(why, said)
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        pytest.param(["--data", "SVHN=x"], "--data knows MNIST, QMNIST, MNIST-C, ", id="a set"),
        pytest.param(["--data", "x.npz"], "NAME=VALUE is needed", id="no name"),
        pytest.param(["--only-kept"], "--only-kept needs --cache", id="nothing kept"),
    ],
)
def test_a_wrong_command_line_is_said(capsys, words, why):
    with pytest.raises(SystemExit):
        main(words)
    assert why in capsys.readouterr().err


@pytest.mark.parametrize(
    ("pattern", "tools", "why"),
    [
        pytest.param(
            "",
            ["ours", "article-code, naively"],
            {"Tesseract": "not installed: Debian's package tesseract-ocr"},
            id="all",
        ),
        pytest.param("^ours$", ["ours"], {}, id="not asked for"),
    ],
)
def test_without_tesseract_its_absence_is_said(monkeypatch, pattern, tools, why):
    monkeypatch.setattr(accuracy_tools.shutil, "which", lambda program: None)
    for name in ("Program", "Network"):
        monkeypatch.setattr(accuracy_tools, name, lambda name, *rest, **more: name)
    left_out = {}
    options = accuracy.parser().parse_args(["--tools", pattern])
    assert list(chosen_tools(options, left_out)) == tools
    assert left_out == why


def test_a_model_is_a_tool_for_each_way_to_bring_pictures_to_it(monkeypatch):
    for name in ("Program", "Network"):
        monkeypatch.setattr(accuracy_tools, name, lambda *told, kind=name, **_: (kind, *told))
    options = accuracy.parser().parse_args(["--model", "a/b.keras", "--model", "c.onnx"])
    options.tools = ", (naively|by ours)$"
    _, *found = chosen_tools(options, {})
    assert found == [
        ("Network", "b, naively", "a/b.keras", "naively"),
        ("Program", "b, by ours", "a/b.keras"),
        ("Network", "c, naively", "c.onnx", "naively"),
        ("Network", "c, by ours", "c.onnx", "by ours"),
    ]


def test_a_line_of_the_table():
    outcomes = [outcome(1, 1), outcome(1, 7), outcome(None, 7), outcome(None, None, "blank")]
    told = figures(Scored(outcomes, cpu=0.02, article=0.008, peak=3 << 20))
    cells = line("name", "mine", told).strip("| ").split(" | ")
    assert cells[:4] == ["name", "mine", "4", "50.00%"]
    assert cells[5] == "50.00%"
    assert cells[8] == "25.0%"
    assert cells[-2:] == ["5.00", "3"]
    assert len(cells) == len(COLUMNS)


def test_groups_are_summed_where_two_of_their_sets_were_scored(capsys):
    scored = Scored([outcome(1, 1)], cpu=0, article=1)
    told = {"groups": [], "over_all": {}}
    names = ("corrupted: fog", "corrupted: shear", "form: box")
    sum_up(told, "mine", dict.fromkeys(names, scored))
    (printed,) = capsys.readouterr().out.splitlines()
    assert printed.startswith("| **15 families of spoilt 28x28 pictures*** | mine | 2 | 100.00% |")
    assert [each["set"] for each in told["groups"]] == ["**15 families of spoilt 28x28 pictures**"]
    assert list(told["over_all"]) == ["mine"]


PUBLISHED = ("published: MNIST", "published: MNIST-C fog", "published: MNIST-C zigzag")


@pytest.mark.parametrize("pattern", GROUPS.values())
def test_group_has_sets(pattern):
    assert sum(re.search(pattern, name) is not None for name in (*SETS, *PUBLISHED)) > 1


@pytest.mark.parametrize("pattern", NOT_INDEPENDENT)
def test_each_reason_not_to_be_independent_has_sets(pattern):
    names = (*SETS, *PUBLISHED, "published: QMNIST", "published: optdigits")
    assert any(re.search(pattern, name) for name in names)


def test_of_all_sets_usps_alone_is_like_nothing_that_ours_learned_from():
    names = (*SETS, *PUBLISHED, "published: QMNIST", "published: optdigits", "published: USPS")
    assert [name for name in names if not not_independent(name)] == ["published: USPS"]


def test_none_of_the_sample_pictures_is_one_that_ours_learned_from():
    samples = [Sample(path.read_bytes(), 0) for path in sorted(SAMPLES.rglob("*.png"))]
    assert learned_from(samples, find_model("digits")) == 0


@pytest.mark.data
def test_training_digits_are_told_from_test_digits():
    import numpy as np

    with np.load(sets.mnist_path()) as mnist:
        pixels = np.concatenate([mnist["x_train"][-2:], mnist["x_test"][:3]])
    samples = [Sample(shots.png(each), 0) for each in pixels]
    assert learned_from(samples, find_model("digits")) == 2


def test_a_set_whose_pictures_are_not_there_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("DIGITS_DATA", str(tmp_path))
    with pytest.raises(NotHadError, match="not part of the repository"):
        SETS["dev: wild"](3)
