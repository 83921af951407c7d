"""An incremental run writes what a full run writes, whatever came before."""

import json
import logging
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from batch_predict import job
from batch_predict.checkpoint.fingerprint import CHANGE_NO_ROW
from batch_predict.errors import ExitCode, InputError, ModelError, UsageError
from batch_predict.manifest import model_used
from batch_predict.manifest.versions import _version
from batch_predict.normalize.modes import Preprocess
from batch_predict.option_values import Limit
from batch_predict.options import Options
from batch_predict.records import ImageRef
from batch_predict.report.from_table import ReportAsked, make_report
from batch_predict.runtimes.looks_plan import LooksPlan
from batch_predict.shard import Shard
from batch_predict.storage.file_hash import file_sha256
from batch_predict.storage.folder import Folder
from tests.conftest import noise, save
from tests.support import fakes, looks
from tests.support.here import OneByOne

MakeOptions = Callable[..., Options]


class Killed(BaseException):
    """The run ends here."""


def die(now: bool) -> None:
    if now:
        raise Killed


@pytest.fixture
def run(engine: OneByOne, options: MakeOptions, tmp_path: Path) -> Callable[..., list[str]]:
    """Runs over `tmp_path/in` with --incremental; returns the paths it scored."""

    def run(**changes: Any) -> list[str]:
        engine.scored = []
        limit = Limit(1, is_share=True)
        job.run(options(engine="here", incremental=True, max_failures=limit, **changes))
        return engine.scored

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, name in enumerate("abc"):
        save(tmp_path / "in" / f"{name}.png", noise(number))
    return tmp_path / "in"


def test_only_what_is_new_or_changed_is_scored(
    folder: Path, run: Callable[..., list[str]], tmp_path: Path
) -> None:
    assert run() == ["a.png", "b.png", "c.png"]
    assert run() == []
    save(folder / "d.png", noise(9))
    save(folder / "a.png", noise(10))
    os.utime(folder / "a.png", ns=(1, 1))
    (folder / "b.png").unlink()
    assert run() == ["a.png", "d.png"]
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines] == ["path", "a.png", "c.png", "d.png"]
    assert json.loads((tmp_path / "out.run.json").read_text())["kept"] == 1


def test_a_transient_failure_is_tried_again(
    folder: Path, run: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.png").write_bytes(b"no picture")
    read = Folder.read

    def refuse(folder: Folder, ref: ImageRef) -> bytes:
        if ref.path == "b.png":
            raise PermissionError
        return read(folder, ref)

    with monkeypatch.context() as patched:
        patched.setattr(Folder, "read", refuse)
        run()
    assert run() == ["b.png"]
    assert run() == []


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"batch_size": 7}, id="batch size"),
        pytest.param({"max_pixels": 10_000}, id="max pixels"),
        pytest.param({"preprocess": Preprocess.AUTO}, id="preprocess"),
    ],
)
def test_rows_of_other_arguments_are_set_aside(
    folder: Path,
    run: Callable[..., list[str]],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    change: dict[str, Any],
) -> None:
    run()
    assert len(run(**change)) == 3
    (name,) = change
    said = caplog.text
    assert f"out.csv.cache.old: it was made with another {name}\n" in said
    assert (tmp_path / "out.csv.cache.old").exists()


def test_rows_of_another_model_are_set_aside(
    folder: Path,
    run: Callable[..., list[str]],
    model_file: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    run()
    model_file.write_bytes(model_file.read_bytes() + b"another")
    assert len(run()) == 3
    assert "another model" in caplog.text


def test_rows_of_another_scale_are_set_aside(
    folder: Path,
    run: Callable[..., list[str]],
    model_file: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    card = {"sha256": file_sha256(str(model_file)), "scale": [0, 1]}
    model_file.with_suffix(".json").write_text(json.dumps(card))
    run()
    assert run() == []
    model_file.with_suffix(".json").write_text(json.dumps(card | {"scale": [0, 255]}))
    assert len(run()) == 3
    assert "another scale" in caplog.text


def test_rows_of_another_normalizer_are_set_aside(
    folder: Path,
    run: Callable[..., list[str]],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run()
    monkeypatch.setattr(model_used, "NORMALIZER_VERSION", model_used.NORMALIZER_VERSION + 1)
    assert len(run()) == 3
    assert "another normalizer" in caplog.text


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        pytest.param(
            looks.PLAN._replace(judges={"b.keras": ""}), "another plan of looks", id="a judge"
        ),
        pytest.param(
            looks.PLAN._replace(screen=looks.look(mnist=0.6001, other=0.6)),
            "another plan of looks",
            id="a threshold",
        ),
        pytest.param(looks.PLAN, "", id="the same"),
    ],
)
def test_rows_of_another_plan_are_set_aside(
    folder: Path,
    run: Callable[..., list[str]],
    model_file: Path,
    caplog: pytest.LogCaptureFixture,
    plan: LooksPlan,
    said: str,
) -> None:
    looks.give_looks(model_file, looks.PLAN)
    run()
    assert run() == []
    looks.give_looks(model_file, plan)
    assert len(run()) == (3 if said else 0)
    assert said in caplog.text


@pytest.mark.parametrize("version", [0, 999])  # 1.0.0's, and that of a program to come
def test_rows_of_another_schema_are_set_aside(
    folder: Path,
    run: Callable[..., list[str]],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    version: int,
) -> None:
    run()
    cache = tmp_path / "out.csv.cache"
    with closing(sqlite3.connect(cache)) as db:
        db.execute(f"PRAGMA user_version = {version}")
    assert run() == ["a.png", "b.png", "c.png"]
    words = "it was made with another version of batch_predict"
    assert caplog.messages[-1] == f"{cache} is set aside as {cache}.old: {words}"
    assert run() == []


@pytest.mark.parametrize("library", ["pillow-heif", "onnxruntime", "openvino"])
def test_rows_made_without_a_library_are_set_aside_when_it_is_there(
    folder: Path,
    run: Callable[..., list[str]],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    library: str,
) -> None:
    def without_it(name: str) -> str | None:
        return None if name == library else _version(name)

    with monkeypatch.context() as patched:
        patched.setattr("batch_predict.manifest.versions._version", without_it)
        run()
    assert len(run()) == 3
    assert f"it was made with another {library}\n" in caplog.text


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"probabilities": True}, id="a column more"),
        pytest.param({"quiet": True}, id="quiet"),
        pytest.param({"workers": 3}, id="workers"),
        pytest.param({"save_prepared": "sheets"}, id="contact sheets"),
    ],
)
def test_arguments_that_change_no_row_score_nothing(
    folder: Path,
    run: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, Any],
) -> None:
    monkeypatch.chdir(folder.parent)
    run()
    assert run(**change) == []


def test_every_option_may_change_a_row_or_may_not() -> None:
    """Who adds one must say which."""
    may_change = "runtime batch_size image_timeout max_pixels preprocess polarity".split()
    assert {*may_change, *CHANGE_NO_ROW} == {field.name for field in fields(Options)}
    assert CHANGE_NO_ROW.isdisjoint(may_change)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda whole: b"", id="empty"),
        pytest.param(lambda whole: b"x" * 5000, id="something else"),
        pytest.param(lambda whole: whole[: len(whole) // 2], id="cut short"),
        pytest.param(
            lambda whole: whole[:100] + b"\xff" * 4000 + whole[4100:], id="scribbled over"
        ),
    ],
)
def test_a_damaged_cache_costs_time_only(
    folder: Path,
    run: Callable[..., list[str]],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    spoil: Callable[[bytes], bytes],
) -> None:
    run()
    csv = (tmp_path / "out.csv").read_bytes()
    cache = tmp_path / "out.csv.cache"
    cache.write_bytes(spoil(cache.read_bytes()))
    emptied = not cache.stat().st_size
    caplog.set_level(logging.INFO, "batch_predict")
    assert len(run()) == 3
    assert (tmp_path / "out.csv").read_bytes() == csv
    assert ("it is damaged" in caplog.text) is not emptied
    assert ("caused by sqlite3.DatabaseError: " in caplog.text) is not emptied
    assert run() == []


def test_deleting_the_cache_starts_afresh(
    folder: Path, run: Callable[..., list[str]], tmp_path: Path
) -> None:
    run()
    (tmp_path / "out.csv.cache").unlink()
    assert len(run()) == 3


@pytest.mark.parametrize(
    ("mistake", "error"),
    [
        pytest.param({"in_dir": "empty"}, InputError, id="an empty folder"),
        pytest.param({"in_dir": "model"}, InputError, id="a folder without a picture"),
        pytest.param({"in_dir": "none"}, InputError, id="no folder"),
        pytest.param({"in_dir": "other", "min_accuracy": 0.5}, UsageError, id="a gate"),
        pytest.param({"runtime": "onnx", "in_dir": "other"}, ModelError, id="a model's file"),
        pytest.param({"batch_size": 7, "in_dir": "other"}, Killed, id="killed before a row"),
    ],
)
@pytest.mark.parametrize("kept_as", ["cache", "work"])
def test_a_mistake_costs_no_row(
    folder: Path,
    run: Callable[..., list[str]],
    engine: OneByOne,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    *,
    mistake: dict[str, Any],
    error: type[BaseException],
    kept_as: str,
) -> None:
    run()
    for name in ("empty", "model"):
        (tmp_path / name).mkdir()
    (tmp_path / "model" / "m.keras").write_bytes(b"")
    save(tmp_path / "other" / "x" / "z.png", noise(5))
    if kept_as == "work":  # as a kill leaves it
        (tmp_path / "out.csv.cache").rename(tmp_path / ".out.csv.work")
    if "in_dir" in mistake:
        mistake = {**mistake, "in_dir": str(tmp_path / mistake["in_dir"])}
    engine.before = lambda path, number: die(error is Killed)
    with pytest.raises(error):
        run(**mistake)
    engine.reset()
    names = {path.name for path in tmp_path.iterdir()}
    assert not {name for name in names if name.endswith((".old", ".new"))}
    assert caplog.messages == []
    assert run() == []


def test_another_threshold_scores_nothing(
    folder: Path, run: Callable[..., list[str]], options: MakeOptions, tmp_path: Path
) -> None:
    (folder / "d.png").write_bytes(b"no picture")
    half = sorted(fakes.expected(noise(number))[1] for number in range(3))[1]
    seen = set()
    run()
    for threshold in (None, 0.0, half, 1.0, half + 1e-6, None):
        assert run(review_below=threshold) == []
        whole = tmp_path / "whole.csv"
        limit = Limit(1, is_share=True)
        changes = {"output": str(whole), "review_below": threshold, "max_failures": limit}
        job.run(options(engine="here", **changes))
        assert (tmp_path / "out.csv").read_bytes() == whole.read_bytes()
        seen.add(whole.read_bytes())
    assert len(seen) == 4


def test_another_threshold_in_the_card_scores_nothing(
    folder: Path, run: Callable[..., list[str]], model_file: Path, tmp_path: Path
) -> None:
    card = {"sha256": file_sha256(str(model_file)), "scale": [0, 1], "review_below": 0.0}
    for review_below, scored, reviewed in ((0.0, 3, 0), (1.0, 0, 3)):
        card = card | {"review_below": review_below}
        model_file.with_suffix(".json").write_text(json.dumps(card))
        assert len(run()) == scored
        told = json.loads((tmp_path / "out.run.json").read_text())
        assert told["counts"]["review"] == reviewed


def test_an_empty_folder_leaves_csv_and_rows_alone(
    folder: Path, run: Callable[..., list[str]], tmp_path: Path
) -> None:
    run()
    csv = (tmp_path / "out.csv").read_bytes()
    folder.rename(tmp_path / "kept")
    folder.mkdir()
    with pytest.raises(InputError, match="holds no picture file"):
        run()
    assert (tmp_path / "out.csv").read_bytes() == csv
    folder.rmdir()
    (tmp_path / "kept").rename(folder)
    assert run() == []


def test_a_shard_that_becomes_empty_counts_no_row(
    folder: Path, run: Callable[..., list[str]], tmp_path: Path
) -> None:
    shard = Shard(0, 2)
    ours = [path for path in folder.iterdir() if shard.holds(path.name)]
    assert 0 < len(ours) < 3
    run(shard=shard)
    for path in ours:
        path.unlink()
    assert run(shard=shard) == []
    told = json.loads((tmp_path / "out.run.json").read_text())
    assert (told["found"], told["kept"], told["pictures_per_s"]) == (0, 0, 0)


def test_the_report_stays_where_nothing_changed(
    folder: Path, run: Callable[..., list[str]], tmp_path: Path
) -> None:
    digit = folder / str(fakes.expected(noise(0))[0])
    save(digit / "a.png", noise(0))
    html, manifest = tmp_path / "out.report.html", tmp_path / "out.run.json"
    run()
    first = (html.stat().st_ino, html.read_bytes())
    accuracy = json.loads(manifest.read_text())["accuracy"]
    run()
    assert (html.stat().st_ino, html.read_bytes()) == first
    assert json.loads(manifest.read_text())["accuracy"] == accuracy
    run(min_accuracy=0.01)
    assert html.stat().st_ino != first[0]
    digit.rename(folder / ("3" if digit.name != "3" else "4"))
    run(min_accuracy=0.01)
    assert json.loads(manifest.read_text())["accuracy"] != accuracy


def write_groups(folder: Path) -> None:
    (folder / "labels.csv").write_text("file,label,writer\na.png,1,C\nb.png,2,D\n")


def write_another_report(folder: Path) -> None:
    csv = str(folder.parent / "out.csv")
    make_report(ReportAsked(csv, earlier=csv))


@pytest.mark.parametrize(
    ("change", "writers"),
    [
        pytest.param(write_groups, {"C", "D"}, id="the labels file's groups"),
        pytest.param(write_another_report, {"A", "B"}, id="another report in its place"),
    ],
)
def test_the_report_is_made_again_where_it_would_differ(
    folder: Path,
    run: Callable[..., list[str]],
    tmp_path: Path,
    change: Callable[[Path], None],
    writers: set[str],
) -> None:
    (folder / "labels.csv").write_text("file,label,writer\na.png,1,A\nb.png,2,B\n")
    run()
    change(folder)
    assert run() == []
    found = json.loads((tmp_path / "out.report.json").read_text())
    assert {group["name"] for group in found["by_column"]["writer"]} >= writers
    assert "comparison" not in found


def test_a_clean_exit(folder: Path, options: MakeOptions, engine: OneByOne) -> None:
    assert job.run(options(engine="here", incremental=True)) is ExitCode.OK
    assert {p.name for p in folder.parent.iterdir() if p.name.startswith(".")} == set()


def test_a_file_of_somebody_else_in_the_caches_place_is_set_aside(
    folder: Path, options: MakeOptions, engine: OneByOne, caplog: pytest.LogCaptureFixture
) -> None:
    """Whether the run goes on from a checkpoint, or looks for a cache; what lies aside stays."""
    given = options(engine="here", incremental=True)
    cache, work = folder.parent / "out.csv.cache", folder.parent / ".out.csv.work"
    for number, before in enumerate((cache, work, work)):
        job.run(given)
        cache.rename(before)
        cache.write_text(f"mine, {number}")
    job.run(given)
    aside = [f"{cache}.old", f"{cache}.old.2", f"{cache}.old.3"]
    assert [Path(name).read_text() for name in aside] == ["mine, 0", "mine, 1", "mine, 2"]
    for name in aside:
        assert f"is set aside as {name}: " in caplog.text
