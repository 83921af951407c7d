"""What a run may replace: what this program wrote, never an input, nothing of anybody else."""

import json
import os
import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import obstore
import pandas as pd
import pytest
from obstore.exceptions import BaseError
from obstore.store import MemoryStore
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from batch_predict import job
from batch_predict.errors import ExitCode, OutputError, UsageError
from batch_predict.manifest.ownership import is_ours, is_same
from batch_predict.merge.cli import main as merge
from batch_predict.options import Options
from batch_predict.report.cli import main as report
from batch_predict.report.contact_sheet import mark
from batch_predict.storage import bucket, registry
from batch_predict.tables import parquet_table
from batch_predict.tables.columns import columns_of
from tests.conftest import OLD_CSV, noise, save
from tests.support.here import OneByOne

MakeOptions = Callable[..., Options]
ROW = '{"path": "a.png", "label": 7, "confidence": 0.9, "status": "ok", "reason": "", "p0": 0.1}'
USERS = "path,label\na.png,7\n"  # a file of labels
PAGE = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
METRICS = "# HELP batch_predict_exit_code 0\n# TYPE batch_predict_exit_code gauge\n"
SHEETS_OF_1_0 = (1120, 168)


def png(size: tuple[int, int] = (28, 28), text: PngInfo | None = None, mode: str = "RGB") -> bytes:
    file = BytesIO()
    Image.new(mode, size).save(file, "PNG", pnginfo=text)
    return file.getvalue()


def parquet(folder: Path) -> bytes:
    parquet_table.write(str(folder / "x"), [], columns_of(truth=False, probabilities=False))
    return (folder / "x").read_bytes()


def software(name: str) -> PngInfo:
    text = PngInfo()
    text.add_text("Software", name)
    return text


@pytest.mark.parametrize(
    ("name", "content", "ours"),
    [
        pytest.param("out.csv", None, True, id="nothing"),
        pytest.param("out.csv", "", True, id="empty"),
        pytest.param("out.csv", OLD_CSV, True, id="a table"),
        pytest.param("out.csv", f"\ufeff{OLD_CSV}", True, id="a table with a BOM"),
        pytest.param("out.csv", OLD_CSV.replace("\n", ",truth\n", 1), True, id="with truth"),
        pytest.param("out.csv", OLD_CSV.replace("\n", "\r\n"), True, id="CRLF"),
        pytest.param("out.csv", ROW, True, id="JSON Lines in a .csv"),
        pytest.param("out.CSV", OLD_CSV, True, id="shouted"),
        pytest.param("out.csv", USERS, False, id="labels"),
        pytest.param("out.csv", "label,path,confidence,status,reason\n", False, id="other order"),
        pytest.param("out.csv", "x,path,label,confidence,status,reason\n", False, id="not first"),
        pytest.param("out.csv", OLD_CSV.replace(",", ";"), False, id="semicolons"),
        pytest.param("out.csv", "\n" + OLD_CSV, False, id="a blank line first"),
        pytest.param("out.csv", b"path,label,confidence,status,r\xe9ason\n", False, id="Latin-1"),
        pytest.param("out.csv", b"\x00" * 100_000, False, id="zeros"),
        pytest.param("out.csv", '"path', False, id="an open quote"),
        pytest.param("out.jsonl", ROW + "\n", True, id="JSON Lines"),
        pytest.param("out.jsonl", '{"path": "a.png", "label": 7}\n', False, id="their JSON Lines"),
        pytest.param("out.jsonl", "{" * 2000, False, id="no JSON"),
        pytest.param("out.jsonl", '{"a":' * 9000, False, id="deep JSON Lines"),
        pytest.param("out.parquet", b"PAR1 and no more", False, id="no Parquet"),
        pytest.param("out.run.json", '{"manifest_version": 1}', True, id="a manifest"),
        pytest.param("out.run.json", '{"manifest_version": 9}', True, id="of a later form"),
        pytest.param("out.report.json", '{"schema": "batch_predict.report/1"}', True, id="figures"),
        pytest.param("out.run.json", '{"schema": "another/1"}', False, id="their JSON"),
        pytest.param("out.run.json", '["manifest_version"]', False, id="a list"),
        pytest.param("out.run.json", "[" * 9000, False, id="deep JSON"),
        pytest.param("out.run.json", OLD_CSV, False, id="a table as JSON"),
        pytest.param(
            "out.report.html",
            f'{PAGE}<meta name="generator" content="batch_predict 1.1.0">',
            True,
            id="a page",
        ),
        pytest.param("out.report.html", f"{PAGE}<title>99%: evaluation", False, id="their page"),
        pytest.param(
            "out.report.html",
            f'{PAGE}<meta name="generator" content="Hugo 0.1"> batch_predict',
            False,
            id="another program's page",
        ),
        pytest.param("x.prom", METRICS + "batch_predict_exit_code 0.0\n", True, id="metrics"),
        pytest.param("x.prom", METRICS + "backup_age_seconds 3\n", False, id="others among them"),
        pytest.param("x.prom", "node_time 3\n", False, id="their metrics"),
        pytest.param("x.prom", "\n\n", False, id="blank lines"),
        pytest.param("prepared-1.png", png(text=mark()), True, id="a sheet"),
        pytest.param("prepared-1.png", png(), False, id="their picture"),
        pytest.param("prepared-1.png", png(text=software("GIMP")), False, id="another's picture"),
        pytest.param("prepared-1.png", png(SHEETS_OF_1_0), False, id="no manifest beside"),
    ],
)
def test_the_mark_of_each_kind(
    name: str, content: str | bytes | None, ours: bool, tmp_path: Path
) -> None:
    if content is not None:
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / name).write_bytes(data)
    assert is_ours(str(tmp_path / name), str(tmp_path / "out.csv")) is ours


def test_a_parquet_table_is_ours_by_its_columns(tmp_path: Path) -> None:
    (tmp_path / "out.parquet").write_bytes(parquet(tmp_path))
    assert is_ours(str(tmp_path / "out.parquet"), str(tmp_path / "out.parquet"))
    pd.DataFrame({"path": ["a.png"], "label": [7]}).to_parquet(tmp_path / "out.parquet")
    assert not is_ours(str(tmp_path / "out.parquet"), str(tmp_path / "out.parquet"))


PAGE_OF_1_0 = f"{PAGE}<title>99%: evaluation of out.csv".encode()


@pytest.mark.parametrize(
    ("name", "content", "told", "ours"),
    [
        pytest.param(
            "out.report.html",
            PAGE_OF_1_0,
            {"report_sha256": ["0", sha256(PAGE_OF_1_0).hexdigest()]},
            True,
            id="a page",
        ),
        pytest.param(
            "out.report.html",
            PAGE_OF_1_0 + b" edited",
            {"report_sha256": ["0", sha256(PAGE_OF_1_0).hexdigest()]},
            False,
            id="an edited page",
        ),
        pytest.param(
            "out.csv", b"x\n", {"csv_sha256": sha256(b"x\n").hexdigest()}, True, id="a table"
        ),
        pytest.param(
            "out.csv",
            b"x\n",
            {"csv_sha256": sha256(b"x\n").hexdigest(), "manifest_version": None},
            False,
            id="no manifest",
        ),
        pytest.param("out.csv", b"x\n", {"report_sha256": 7, "arguments": []}, False, id="garbled"),
        pytest.param(
            "sheets/prepared-1.png",
            png(SHEETS_OF_1_0),
            {"arguments": {"save_prepared": "sheets"}},
            True,
            id="a sheet",
        ),
        pytest.param(
            "sheets/prepared-1.png",
            png(SHEETS_OF_1_0),
            {"arguments": {"save_prepared": "."}},
            False,
            id="a sheet elsewhere",
        ),
        pytest.param(
            "sheets/prepared-1.png",
            png(),
            {"arguments": {"save_prepared": "sheets"}},
            False,
            id="a picture in the folder of sheets",
        ),
    ],
)
def test_what_the_manifest_of_1_0_0_names(
    name: str,
    content: bytes,
    told: dict[str, Any],
    ours: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sheets").mkdir()
    (tmp_path / name).write_bytes(content)
    manifest = {"manifest_version": 1, **told}
    if manifest["manifest_version"] is None:
        del manifest["manifest_version"]
    (tmp_path / "out.run.json").write_text(json.dumps(manifest))
    assert is_ours(name, "out.csv") is ours


def test_what_can_not_be_read_is_not_known_to_be_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "out.csv").write_text(OLD_CSV)
    monkeypatch.setattr(registry.open_storage(str(tmp_path)).__class__, "open", refuse)
    assert not is_ours(str(tmp_path / "out.csv"), str(tmp_path / "out.csv"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two pictures without truth, and the folder as the working directory."""
    for number in range(2):
        save(tmp_path / "in" / f"{number}.png", noise(number))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def given(options: MakeOptions, engine: OneByOne) -> MakeOptions:
    """Options over `in` into `out.csv`, with all that a run may write."""

    def make(**changes: object) -> Options:
        usual: dict[str, object] = {"metrics_file": "x.prom", "save_prepared": "sheets"}
        there = {"in_dir": "in", "output": "out.csv", "engine": "here", "quiet": True}
        return options(**{**usual, **there, **changes})

    return make


EVERY_OUTPUT = [
    *("out.csv", "out.run.json", "out.report.json", "out.report.html", "x.prom"),
    *(f"sheets/prepared-{n}.png" for n in (1, 2, 5)),
]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def with_truth(folder: Path) -> None:
    save(folder / "in" / "7" / "a.png", noise(7))


@pytest.mark.usefixtures("with_truth")
def test_outputs_are_replaced_again_and_again(folder: Path, given: MakeOptions) -> None:
    for _ in range(2):
        assert job.run(given()) is ExitCode.OK
    assert set(contents(folder)) >= set(EVERY_OUTPUT[:6])
    (folder / "out.run.json").unlink()  # the marks alone
    assert all(is_ours(name, "out.csv") for name in EVERY_OUTPUT)


@pytest.mark.parametrize("name", EVERY_OUTPUT)
def test_a_file_of_somebody_else_is_kept(
    name: str, folder: Path, given: MakeOptions, engine: OneByOne
) -> None:
    (folder / "sheets").mkdir()
    (folder / name).write_text(USERS)
    before = contents(folder)
    with pytest.raises(UsageError, match=f"^{name} is there already and is not an output of batch"):
        job.run(given())
    assert contents(folder) == before
    assert engine.scored == []


def test_it_is_kept_however_its_path_is_written(folder: Path, given: MakeOptions) -> None:
    (folder / "out.csv").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        job.run(given(output="absent/../out.csv"))
    assert is_same("absent/../out.csv", "out.csv")


def test_overwrite_replaces_it_but_removes_none(folder: Path, given: MakeOptions) -> None:
    (folder / "sheets").mkdir()
    for name in EVERY_OUTPUT:
        (folder / name).write_text(USERS)
    assert job.run(given(overwrite=True)) is ExitCode.OK
    kept = [name for name, content in contents(folder).items() if content == USERS.encode()]
    unwritten = ["out.report.html", "out.report.json"]  # there is no truth
    assert sorted(kept) == [*unwritten, *(f"sheets/prepared-{n}.png" for n in (2, 5))]


@pytest.mark.parametrize("name", EVERY_OUTPUT)
def test_a_file_that_comes_during_the_run_is_kept(
    name: str, folder: Path, given: MakeOptions, engine: OneByOne
) -> None:
    (folder / "sheets").mkdir()
    engine.before = lambda path, number: (folder / name).write_text(USERS)
    with pytest.raises(OutputError if name == "x.prom" else UsageError, match=name):
        job.run(given())
    assert (folder / name).read_text() == USERS
    assert (folder / "out.csv").exists() is (name in ("x.prom", "out.csv"))


#: how a file may be called in two ways
SAME: dict[str, Callable[[Path, Path], object]] = {
    "the same name": lambda file, other: None,
    "another spelling": lambda file, other: None,
    "a symbolic link": lambda file, other: other.symlink_to(file),
    "a hard link": os.link,
}


@pytest.mark.parametrize("way", SAME)
@pytest.mark.parametrize(
    ("what", "changes"),
    [
        pytest.param("the file of --labels", {"labels": "FILE"}, id="labels"),
        pytest.param("the file of --files-from", {"files_from": "FILE"}, id="files_from"),
        pytest.param("the file of --baseline", {"baseline": "FILE"}, id="baseline"),
    ],
)
def test_an_input_is_never_replaced(
    what: str, changes: dict[str, str], way: str, folder: Path, given: MakeOptions
) -> None:
    output = {"baseline": "mine.run.json"}.get(next(iter(changes)), "mine.csv")
    file = folder / output if way in ("the same name", "another spelling") else folder / "real"
    file.write_text(USERS)
    SAME[way](file, folder / output)
    named = {name: str(file) for name in changes}
    if way == "another spelling":
        named = {name: f"in/../{output}" for name in changes}
    with pytest.raises(UsageError, match=f"^{output} is {what}, which no output replaces"):
        job.run(given(output="mine.csv", overwrite=True, **named))
    assert file.read_text() == USERS


@pytest.mark.parametrize(
    ("name", "changes", "what"),
    [
        pytest.param(
            "in/labels.csv", {"output": "in/labels.csv"}, "the labels.csv of the", id="labels.csv"
        ),
        pytest.param(
            "m.run.json", {"output": "m.csv", "model": "m.run.keras"}, "the model's card", id="card"
        ),
        pytest.param(
            "out.csv.cache", {"labels": "out.csv.cache"}, "the file of --labels", id="cache"
        ),
        pytest.param(
            ".out.csv.lock", {"labels": ".out.csv.lock"}, "the file of --labels", id="lock"
        ),
        pytest.param(
            ".out.csv.work", {"labels": ".out.csv.work"}, "the file of --labels", id="work"
        ),
        pytest.param(
            "in/prepared-2.png", {"save_prepared": "in"}, "a picture to score", id="a picture"
        ),
        pytest.param("x.prom", {"labels": "x.prom"}, "the file of --labels", id="metrics"),
    ],
)
def test_nor_is_one_that_no_option_names(
    name: str, changes: dict[str, str], what: str, folder: Path, given: MakeOptions
) -> None:
    (folder / name).write_text(USERS)
    (folder / "m.run.keras").write_bytes(b"PK\x03\x04")
    with pytest.raises(UsageError, match=rf"(^|/){re.escape(name)} is {what}"):
        job.run(given(overwrite=True, incremental=True, **changes))
    assert (folder / name).read_text() == USERS


@pytest.mark.parametrize("name", EVERY_OUTPUT)
def test_nor_is_a_picture_to_which_a_link_leads(
    name: str, folder: Path, given: MakeOptions
) -> None:
    picture = folder / "in" / "mine.png"
    picture.write_text(USERS)
    (folder / "sheets").mkdir()
    (folder / name).symlink_to(picture)
    with pytest.raises(UsageError, match="is a picture to score"):
        job.run(given(overwrite=True))
    assert picture.read_text() == USERS


@pytest.mark.parametrize("name", EVERY_OUTPUT)
@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda path: path.symlink_to("/dev/null"), id="a link to a device"),
        pytest.param(os.mkfifo, id="a pipe"),
        pytest.param(lambda path: path.mkdir(), id="a folder"),
    ],
)
def test_what_is_no_file_is_not_replaced(
    name: str, make: Callable[[Path], object], folder: Path, given: MakeOptions, engine: OneByOne
) -> None:
    (folder / "sheets").mkdir()
    make(folder / name)
    with pytest.raises(OutputError, match=f"^can't write {name}: "):
        job.run(given(overwrite=True))
    assert engine.scored == []
    assert not (folder / name).is_file()


@pytest.fixture
def parts(folder: Path, given: MakeOptions) -> list[str]:
    """The CSVs of two shards."""
    csvs = ["a.csv", "b.csv"]
    for n, csv in enumerate(csvs):
        plain = {"metrics_file": None, "save_prepared": None}
        assert job.run(given(output=csv, shard=f"{n}/2", **plain)) is ExitCode.OK
    return csvs


@pytest.mark.parametrize(
    ("output", "words"),
    [
        pytest.param("a.csv", "a.csv is the part 0/2", id="a part"),
        pytest.param("in/../b.csv", "b.csv is the part 1/2", id="another spelling"),
        pytest.param("link.csv", "link.csv is the part 1/2", id="a link"),
        pytest.param("hard.csv", "hard.csv is the part 1/2", id="a hard link"),
        pytest.param("a.jsonl", "a.run.json is the manifest of the part 0/2", id="its manifest"),
        pytest.param("m.csv", "m.report.json is the model's card", id="the model's card"),
    ],
)
def test_a_merge_replaces_no_part(
    output: str, words: str, parts: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "link.csv").symlink_to("b.csv")
    os.link("b.csv", "hard.csv")
    card = Path(json.loads((folder / "a.run.json").read_text())["arguments"]["model"])
    card.with_suffix(".json").write_text("{}")
    os.link(card.with_suffix(".json"), "m.report.json")
    before = contents(folder)
    assert merge([output, *parts, "--overwrite"]) == ExitCode.USAGE
    assert words in capsys.readouterr().err
    assert contents(folder) == before


@pytest.mark.parametrize("name", EVERY_OUTPUT[:4])
def test_a_merge_keeps_a_file_of_somebody_else(
    name: str, parts: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / name).write_text(USERS)
    assert merge(["out.csv", *parts]) == ExitCode.USAGE
    assert f"{name} is there already" in capsys.readouterr().err
    assert (folder / name).read_text() == USERS


def test_a_merge_overwrites(parts: list[str], folder: Path) -> None:
    (folder / "out.csv").write_text(USERS)
    assert merge(["out.csv", *parts, "--overwrite"]) == ExitCode.OK
    assert is_ours("out.csv", "none.csv")


def test_a_report_keeps_a_file_of_somebody_else(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "out.csv").write_text(OLD_CSV.replace("\n", ",truth\n", 1).replace(",\n", ",,7\n"))
    (folder / "out.report.html").write_text(USERS)
    assert report(["out.csv"]) == ExitCode.USAGE
    assert "out.report.html is there already" in capsys.readouterr().err
    assert (folder / "out.report.html").read_text() == USERS
    assert report(["out.csv", "--labels", "out.report.html", "--overwrite"]) == ExitCode.USAGE
    assert "out.report.html is the file of --labels" in capsys.readouterr().err
    assert report(["out.csv", "--overwrite"]) == ExitCode.OK
    assert is_ours("out.report.html", "none.csv")


def test_a_sample_keeps_what_may_be_filled_in(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "out.csv").write_text(OLD_CSV)
    (folder / "to_label.csv").write_text("")
    assert report(["out.csv", "--sample", "2", "to_label.csv"]) == ExitCode.OK  # it was empty
    assert report(["out.csv", "--sample", "1", "to_label.csv"]) == ExitCode.USAGE
    assert "may be filled in" in capsys.readouterr().err
    assert report(["out.csv", "--sample", "1", "to_label.csv", "--overwrite"]) == ExitCode.OK
    assert report(["out.csv", "--sample", "1", "./out.csv", "--overwrite"]) == ExitCode.USAGE
    (folder / "out.run.json").write_text("{}")
    assert report(["out.csv", "--sample", "1", "out.run.json", "--overwrite"]) == ExitCode.USAGE


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MemoryStore]:
    """What lies in the bucket `s3://mine`."""
    memory = MemoryStore()
    monkeypatch.setitem(bucket.STORES, "s3", lambda *args, **keywords: memory)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    registry._open.cache_clear()
    yield memory
    registry._open.cache_clear()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({}, "is there already", id="not ours"),
        pytest.param(
            {"labels": "s3://mine/out.csv", "overwrite": True},
            "is the file of --labels",
            id="labels",
        ),
        pytest.param(
            {"labels": "s3://mine//out.csv", "overwrite": True},
            "is the file of --labels",
            id="labels, another spelling",
        ),
    ],
)
def test_in_a_bucket(
    changes: dict[str, object], words: str, folder: Path, given: MakeOptions, store: MemoryStore
) -> None:
    obstore.put(store, "out.csv", USERS.encode())
    with pytest.raises(UsageError, match=f"^s3://mine/out.csv {words}"):
        job.run(given(output="s3://mine/out.csv", **changes))
    assert bytes(obstore.get(store, "out.csv").bytes()) == USERS.encode()


def test_in_a_bucket_outputs_are_known_by_their_parts(
    folder: Path, given: MakeOptions, store: MemoryStore, capsys: pytest.CaptureFixture[str]
) -> None:
    for form in ("csv", "parquet", "csv", "parquet"):
        assert job.run(given(output=f"s3://mine/out.{form}")) is ExitCode.OK
    (folder / "out.csv").write_text(OLD_CSV)
    sample = ["out.csv", "--sample", "1", "s3://mine/to_label.csv"]
    assert report(sample) == ExitCode.OK
    assert report(sample) == ExitCode.USAGE
    assert "may be filled in" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("absent.csv", "absent.csv", False, id="not there"),
        pytest.param("s3://a/b.csv", "s3://a//b.csv", True, id="slashes"),
        pytest.param("s3://a/b.csv", "s3://a/B.csv", False, id="case"),
        pytest.param("s3://a/b.csv", "gs://a/b.csv", False, id="stores"),
        pytest.param("s3://a/b.csv", "a/b.csv", False, id="a folder"),
    ],
)
def test_same(one: str, other: str, same: bool) -> None:
    assert is_same(one, other) is same


def test_a_store_that_knows_no_ranges(
    folder: Path, given: MakeOptions, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NoRanges:
        def get_range(self, *args: object, **keywords: object) -> bytes:
            raise BaseError("Received non-partial response when range requested")

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

    monkeypatch.setitem(bucket.STORES, "s3", lambda *args, **keywords: NoRanges())
    for _ in range(2):
        assert job.run(given(output="s3://mine/out.csv")) is ExitCode.OK
    obstore.put(store, "out.csv", USERS.encode())
    with pytest.raises(UsageError, match=r"^s3://mine/out.csv is there already"):
        job.run(given(output="s3://mine/out.csv"))
