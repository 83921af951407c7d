"""One source of truth for a run, and everything odd about it counted."""

import errno
import os
from pathlib import Path

import pytest

from batch_predict.errors import InputError, UsageError
from batch_predict.storage import open_input
from batch_predict.truth import Truth, find_truth
from batch_predict.truth.findings import EXAMPLES
from tests.support.faults import Fault, Faults

PICTURES = ("3/a.png", "3/b.png", "4/a.png", "top.png")


def found(in_dir: Path, labels: Path | None = None, pattern: str | None = None) -> Truth:
    truth = find_truth(str(in_dir), str(labels) if labels else None, pattern)
    truth.match(lambda: PICTURES)
    return truth


def counts(truth: Truth) -> dict[str, int]:
    return {finding.what: finding.count for finding in truth.findings()}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("7/a.png", 7, id="folder"),
        pytest.param("7/x/a.png", 7, id="ancestor"),
        pytest.param("7/x/2/a.png", 2, id="nearest-ancestor"),
        pytest.param("set7/7/10/a.png", 7, id="ten-is-no-digit"),
        pytest.param("a.png", None, id="no-folder"),
        pytest.param("12/a.png", None, id="two-digits"),
        pytest.param("7/x/", None, id="unlistable-folder"),
        pytest.param("x/7.png", None, id="a-file-is-no-folder"),
        pytest.param("./-x/7/a.png", 7, id="formula-guard"),
        pytest.param("\u0667/a.png", None, id="ascii-digits-only"),
    ],
)
def test_folders(tmp_path: Path, path: str, expected: int | None) -> None:
    assert found(tmp_path).of(path) == expected


@pytest.mark.parametrize(
    ("regex", "path", "expected"),
    [
        pytest.param(r"^(?P<label>\d)_", "3_0012.png", 3, id="prefix"),
        pytest.param(r"label(?P<label>\d)", "x/img_12_label7.jpg", 7, id="inside"),
        pytest.param(r"label(?P<label>\d+)", "x/img_12_label77.jpg", None, id="not-a-digit"),
        pytest.param(r"^(?P<label>\d)_", "x.png", None, id="no-match"),
        pytest.param(r"(?P<label>\d)?x", "x.png", None, id="group-not-taken"),
    ],
)
def test_pattern(tmp_path: Path, regex: str, path: str, expected: int | None) -> None:
    assert found(tmp_path, pattern=regex).of(path) == expected


def test_what_a_pattern_finds_that_is_no_digit_is_counted(tmp_path: Path) -> None:
    truth = found(tmp_path, pattern=r"label(?P<label>\d+)")
    assert [truth.of("label77.png"), truth.of("label7.png")] == [None, 7]
    assert counts(truth)["labels that are not 0 to 9 (not used)"] == 1


@pytest.mark.parametrize(
    ("regex", "words"),
    [
        pytest.param("(?P<label>", "must be a regular expression", id="broken"),
        pytest.param(r"(\d)_", "must have a group", id="no-group"),
    ],
)
def test_bad_pattern_is_a_usage_error(tmp_path: Path, regex: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        found(tmp_path, pattern=regex)


def test_precedence_and_conflicts(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("path,label\n3/a.png,5\n4/a.png,4\n")
    labels = tmp_path / "mine.csv"
    labels.write_text("path,label\n3/a.png,6\n4/a.png,4\n")
    regex = r"^(?P<label>\d)"

    by_file = found(tmp_path, labels, regex)
    assert (by_file.source, by_file.of("3/a.png")) == (f"labels file {labels}", 6)
    assert counts(by_file)["pictures on whose truth the sources disagree"] == 3  # each other source
    by_pattern = found(tmp_path, pattern=regex)
    assert (by_pattern.source, by_pattern.of("3/a.png")) == (f"label pattern {regex}", 3)
    by_found = found(tmp_path)
    assert (by_found.source, by_found.of("3/a.png")) == ("labels.csv in the input folder", 5)
    assert by_found.of("3/b.png") is None  # one source for the whole run


def test_bad_file_is_an_error_when_named_and_a_warning_when_found(tmp_path: Path) -> None:
    bad = tmp_path / "labels.csv"
    bad.write_text("colour,size\nred,3\n")
    with pytest.raises(UsageError, match="no column with paths"):
        found(tmp_path, bad)
    with pytest.raises(UsageError, match="No such file"):
        found(tmp_path, tmp_path / "absent.csv")
    truth = found(tmp_path)
    assert truth.source == "digit-named folders"
    (warning,) = truth.warnings()
    assert "labels.csv is not used: no column with paths" in warning


@pytest.mark.parametrize("code", [errno.EIO, errno.ESTALE, errno.ETIMEDOUT])
@pytest.mark.parametrize("kind", ["stat", "open", "read"])
def test_a_labels_file_that_its_disk_does_not_give_is_an_error(
    tmp_path: Path, kind: str, code: int
) -> None:
    (tmp_path / "labels.csv").write_text("path,label\na.png,3\n")
    open_input(str(tmp_path))  # as a run has done before
    with (
        Faults(str(tmp_path / "labels.csv"), Fault(kind, 1, code)).injected(),
        pytest.raises(InputError, match=rf"labels\.csv: {os.strerror(code)}"),
    ):
        found(tmp_path)


def test_all_paths_are_needed_where_there_is_a_labels_file(tmp_path: Path) -> None:
    assert not find_truth(str(tmp_path), None, "(?P<label>.)").needs_all_paths
    (tmp_path / "labels.csv").write_text("path,label\n3/a.png,3\n")
    assert find_truth(str(tmp_path), None, "(?P<label>.)").needs_all_paths


@pytest.mark.usefixtures("silent_store")
def test_a_store_that_does_not_answer_is_an_error_of_the_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"can't read .*labels\.csv: access is denied"):
        found(tmp_path)


def test_examples_are_bounded_and_counts_are_not(tmp_path: Path) -> None:
    truth = found(tmp_path)
    for number in range(1000):
        truth.of(f"{number}.png")
    (finding,) = truth.findings()
    assert (finding.what, finding.count) == ("pictures without truth", 1000)
    assert len(finding.examples) == EXAMPLES
    assert truth.count == 0
