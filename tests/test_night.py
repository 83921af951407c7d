"""Nights in full: a run, a person's decisions, and the runs after it."""

import csv
import json
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from batch_predict import job, prepare
from batch_predict.decisions.decision import Decided, Decision
from batch_predict.decisions.decisions_file import header_line, row_line
from batch_predict.errors import ExitCode, UsageError
from batch_predict.merge.join_parts import merge
from batch_predict.option_values import Limit
from batch_predict.options import Options
from batch_predict.shard import Shard
from batch_predict.tables.columns import COLUMNS
from batch_predict.tables.registry import WRITERS, read_blocks
from tests.conftest import noise, save
from tests.support.here import OneByOne

Run = Callable[..., ExitCode]
MakeOptions = Callable[..., Options]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four pictures, one of which is broken."""
    for number, name in enumerate("abc"):
        save(tmp_path / "in" / f"{name}.png", noise(number))
    (tmp_path / "in" / "bad.png").write_text("not a picture")
    return tmp_path / "in"


@pytest.fixture
def run(folder: Path, engine: OneByOne, options: MakeOptions) -> Run:
    """A night's run over `folder`."""

    def run(**changes: Any) -> ExitCode:
        engine.scored = []
        given = {"engine": "here", "incremental": True, "review_below": 1.0, **changes}
        return job.run(options(**given))

    return run


def decide(file: Path, folder: Path, *decisions: tuple[str, str]) -> None:
    """Have a person decide on pictures in `folder`, and their page add it to `file`."""
    before = file.read_text() if file.exists() else header_line()
    hour = before.count("\n")
    for name, what in decisions:
        content = sha256((folder / name).read_bytes()).hexdigest()
        time = f"2026-11-27T{hour:02}:00:00Z"
        before += row_line(Decided(name, content, Decision(what), time, "Ann", ""))
    file.write_text(before)


def table(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


def manifest(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.with_suffix(".run.json").read_text())
    return found


def test_nights(
    tmp_path: Path, folder: Path, run: Run, engine: OneByOne, capsys: pytest.CaptureFixture[str]
) -> None:
    out, file = tmp_path / "out.csv", tmp_path / "out.decisions.csv"
    assert run(max_review=Limit(2)) == ExitCode.FAILURES
    first = table(out)
    assert {row["status"] for row in first.values()} == {"review", "failed"}
    assert "model_label" not in first["a.png"]

    decide(file, folder, ("a.png", "7"), ("b.png", "none"), ("bad.png", "ignore"))
    kept = file.read_bytes()
    capsys.readouterr()
    assert run(max_review=Limit(1)) == ExitCode.OK  # the gates know of it, and the failure is known
    assert capsys.readouterr().err == ""
    assert engine.scored == []
    second = table(out)
    assert {name: (row["status"], row["label"]) for name, row in second.items()} == {
        "a.png": ("decided", "7"),
        "b.png": ("decided", ""),
        "bad.png": ("decided", ""),
        "c.png": ("review", first["c.png"]["label"]),
    }
    for name, row in second.items():
        assert row["model_label"] == first[name]["label"]
        assert row["model_confidence"] == first[name]["confidence"]
    assert manifest(out)["counts"] == {"ok": 0, "review": 1, "decided": 3, "blank": 0, "failed": 0}
    told = manifest(out)["decisions"]
    assert told["files"] == [{"path": str(file), "sha256": sha256(kept).hexdigest()}]
    assert {each for each, n in told["by_decision"].items() if n} == {"7", "none", "ignore"}

    save(folder / "a.png", noise(9))  # other bytes lose the decision
    (folder / "b.png").rename(folder / "moved.png")  # the same ones keep it
    assert run(max_review=Limit(1)) == ExitCode.GATE
    third = table(out)
    assert {name: row["status"] for name, row in third.items()} == {
        "a.png": "review",
        "bad.png": "decided",
        "c.png": "review",
        "moved.png": "decided",
    }
    assert manifest(out)["decisions"]["no_longer_fitting"] == 1
    assert file.read_bytes() == kept


def test_a_changed_picture_loses_its_decision_whatever_its_time_and_size(
    tmp_path: Path, folder: Path, run: Run, engine: OneByOne
) -> None:
    decide(tmp_path / "out.decisions.csv", folder, ("a.png", "7"))
    picture = folder / "a.png"
    run()
    found, content = picture.stat(), picture.read_bytes()
    picture.write_bytes(content[:-1] + b"\0")
    os.utime(picture, ns=(found.st_atime_ns, found.st_mtime_ns))
    run()
    assert engine.scored == ["a.png"]
    assert table(tmp_path / "out.csv")["a.png"]["status"] == "review"


def test_a_file_that_is_too_large_to_be_read_is_known_by_its_content(
    tmp_path: Path, folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare, "FILE_SIZE", 100)
    large = folder / "bad.png"
    large.write_bytes(bytes(1001))
    assert run(max_pixels=100) == ExitCode.FAILURES
    decide(tmp_path / "out.decisions.csv", folder, ("bad.png", "ignore"))
    for _ in range(2):
        run(max_pixels=100)
        assert table(tmp_path / "out.csv")["bad.png"]["status"] == "decided"
    large.write_bytes(bytes(1002))
    run(max_pixels=100)
    assert table(tmp_path / "out.csv")["bad.png"]["status"] == "failed"


def test_two_decisions_are_counted_and_the_later_is_taken(
    tmp_path: Path, folder: Path, run: Run
) -> None:
    for what in "17":
        decide(tmp_path / "out.decisions.csv", folder, ("a.png", what))
    run()
    assert table(tmp_path / "out.csv")["a.png"]["label"] == "7"
    assert manifest(tmp_path / "out.csv")["decisions"]["disputed"] == 1


def test_a_file_of_no_use_still_makes_the_columns(tmp_path: Path, folder: Path, run: Run) -> None:
    other = tmp_path / "theirs.csv"
    other.write_text(header_line())
    run(decisions=(str(other),), max_failures=Limit(1))
    row = table(tmp_path / "out.csv")["a.png"]
    assert (row["model_label"], row["model_confidence"]) == (row["label"], row["confidence"])


@pytest.mark.parametrize("suffix", sorted(WRITERS))
def test_every_form_has_them(tmp_path: Path, folder: Path, run: Run, suffix: str) -> None:
    decide(tmp_path / "out.decisions.csv", folder, ("a.png", "1"), ("bad.png", "ignore"))
    out = str(tmp_path / f"out{suffix}")
    run(output=out)
    *_, block = read_blocks(out, COLUMNS[:5], COLUMNS[5:])
    assert block.texts["status"] == ["decided", "review", "decided", "review"]
    assert (block.numbers["label"][0], block.numbers["model_label"][0]) == (1, 7)


def test_a_broken_file_ends_the_run_before_it_starts(
    tmp_path: Path, folder: Path, run: Run, engine: OneByOne
) -> None:
    file = tmp_path / "out.decisions.csv"
    decide(file, folder, ("a.png", "7"))
    file.write_text(file.read_text().replace(",7,", ",seven,"))
    with pytest.raises(UsageError, match="line 2: decision must be one of 0, 1, 2"):
        run()
    assert engine.scored == []
    assert not (tmp_path / "out.csv").exists()


def test_in_the_folder_of_pictures_it_is_none(folder: Path, run: Run) -> None:
    decide(folder / "out.decisions.csv", folder, ("bad.png", "ignore"))
    assert run(output=str(folder / "out.csv"), all_files=True) == ExitCode.OK
    assert set(table(folder / "out.csv")) == {"a.png", "b.png", "bad.png", "c.png"}


@pytest.mark.parametrize("overwrite", [True, False])
def test_no_output_replaces_it(tmp_path: Path, folder: Path, run: Run, overwrite: bool) -> None:
    with pytest.raises(UsageError, match="where what a person said is kept"):
        run(output=str(tmp_path / "out.decisions.csv"), overwrite=overwrite)
    theirs = tmp_path / "theirs.csv"
    theirs.write_text(header_line())
    with pytest.raises(UsageError, match="which no output replaces"):
        run(output=str(theirs), decisions=(str(theirs),), overwrite=overwrite)


def test_shards_come_to_the_whole(tmp_path: Path, folder: Path, run: Run) -> None:
    file = tmp_path / "out.decisions.csv"
    decide(file, folder, ("a.png", "7"), ("bad.png", "ignore"), ("c.png", "blank"))
    save(folder / "c.png", noise(9))
    run()
    parts = [str(tmp_path / f"part-{index}.csv") for index in range(2)]
    for index, part in enumerate(parts):
        run(output=part, shard=Shard(index, 2), decisions=(str(file),), incremental=False)
    merge(parts, str(tmp_path / "joined.csv"))
    assert (tmp_path / "joined.csv").read_bytes() == (tmp_path / "out.csv").read_bytes()
    whole, joined = (manifest(tmp_path / name)["decisions"] for name in ("out.csv", "joined.csv"))
    assert joined == whole
    assert whole["no_longer_fitting"] == 1


def test_what_moved_into_another_shard_fits(tmp_path: Path, folder: Path, run: Run) -> None:
    file = tmp_path / "out.decisions.csv"
    decide(file, folder, ("a.png", "7"), ("c.png", "blank"))
    a, c = Shard(0, 2), Shard(1, 2)
    if not a.holds("a.png"):
        a, c = c, a
    moved = next(f"{n}.png" for n in range(100) if c.holds(f"{n}.png"))
    (folder / "a.png").rename(folder / moved)
    (folder / "c.png").unlink()
    parts = [str(tmp_path / f"part-{shard.index}.csv") for shard in (a, c)]
    for part, shard in zip(parts, (a, c), strict=True):
        run(output=part, shard=shard, decisions=(str(file),), incremental=False)
    assert manifest(Path(parts[0]))["decisions"]["no_longer_fitting"] > 0
    merge(parts, str(tmp_path / "joined.csv"))
    found = manifest(tmp_path / "joined.csv")["decisions"]
    assert (found["no_longer_fitting"], found["by_decision"]["7"]) == (1, 1)


def test_parts_of_other_decisions_are_not_merged(tmp_path: Path, folder: Path, run: Run) -> None:
    parts = [str(tmp_path / f"part-{index}.csv") for index in range(2)]
    theirs = tmp_path / "theirs.csv"
    for index, part in enumerate(parts):
        decide(theirs, folder, ("a.png", str(index)))
        run(output=part, shard=Shard(index, 2), decisions=(str(theirs),), max_failures=Limit(1))
    with pytest.raises(UsageError, match="is of another run: another decisions"):
        merge(parts, str(tmp_path / "joined.csv"))
