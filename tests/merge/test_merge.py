"""Shards scored one by one and joined: equal to the whole, or refused by name."""

import json
import os
import platform
import shutil
from collections.abc import Callable
from csv import DictReader, DictWriter
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from batch_predict import job
from batch_predict.errors import ExitCode, UsageError
from batch_predict.merge.cli import main
from batch_predict.merge.join_parts import merge
from batch_predict.normalize.modes import Preprocess
from batch_predict.option_values import Limit
from batch_predict.options import Options, options_from
from batch_predict.runtimes import RUNTIMES
from batch_predict.shard import Shard
from batch_predict.storage.file_hash import file_sha256
from batch_predict.tables.columns import COLUMNS, columns_of
from tests.conftest import MODEL_BYTES, noise, save
from tests.support import looks
from tests.support.here import OneByOne
from tests.support.spoilt import replaced, without

MakeOptions = Callable[..., Options]
ANY = Limit(1, is_share=True)


@pytest.fixture
def options(options: MakeOptions, engine: OneByOne) -> MakeOptions:
    """Its runs fork no workers, which are not what is tested here."""
    return partial(options, engine="here")


def fill(folder: Path) -> None:
    """Forty pictures of ten digits, one that fails, and names that need care."""
    for n in range(40):
        save(folder / str(n % 10) / f"{n}.png", noise(n))
    for name in ('=1, "x".png', "return\rhere.png", "line\nfeed.png"):
        save(folder / name, noise(len(name)))
    (folder / "bad.png").write_text("not a picture")


def score(options: MakeOptions, folder: Path, count: int, **changes: object) -> list[str]:
    """The CSVs of all `count` shards."""
    csvs = [str(folder / f"part-{index:02d}.csv") for index in range(count)]
    for index, csv in enumerate(csvs):
        given = {"max_failures": ANY, "workers": 1, "shard": Shard(index, count), **changes}
        assert job.run(options(output=csv, quiet=True, **given)) == ExitCode.OK
    return csvs


def manifest_of(csv: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(csv.with_suffix(".run.json").read_text())
    return found


@pytest.mark.slow
def test_sixteen_shards_are_the_whole(tmp_path: Path, options: MakeOptions) -> None:
    fill(tmp_path / "in")
    whole, joined = tmp_path / "whole.csv", tmp_path / "joined.csv"
    given = options(output=str(whole), max_failures=ANY, probabilities=True)
    assert job.run(given) == ExitCode.OK
    parts = score(options, tmp_path, 16, probabilities=True)
    assert not list(tmp_path.glob("part-*.report.*"))
    assert merge(parts, str(joined), max_failures=ANY) == ExitCode.OK
    assert joined.read_bytes() == whole.read_bytes()
    same = ("found", "walked", "counts", "reasons", "profile", "left_out", "csv_sha256")
    same += ("accuracy", "accuracy_interval", "silently_wrong", "silently_wrong_interval")
    same += ("errors_among_ok", "errors_among_ok_interval")
    same += ("with_truth", "truth_source", "truth_findings")
    assert {k: manifest_of(joined)[k] for k in same} == {k: manifest_of(whole)[k] for k in same}
    reports = [json.loads(csv.with_suffix(".report.json").read_text()) for csv in (whole, joined)]
    assert reports[0]["confusion_matrix"] == reports[1]["confusion_matrix"]
    assert joined.with_suffix(".report.html").exists()


def test_the_merged_manifest_tells_of_the_whole(
    tmp_path: Path, options: MakeOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "in")
    monkeypatch.setattr(platform, "node", lambda: "scorer")
    parts = score(options, tmp_path, 2)
    monkeypatch.setattr(platform, "node", lambda: "merger")
    assert merge(parts, str(tmp_path / "out.csv"), max_failures=ANY) == ExitCode.OK
    told = manifest_of(tmp_path / "out.csv")
    assert told["host"] == "merger"
    assert [part["host"] for part in told["parts"]] == ["scorer", "scorer"]
    assert told["pictures_per_s"] == round(told["found"] / told["duration_s"], 1)


def test_an_empty_shard_has_a_header_and_all_columns(tmp_path: Path, options: MakeOptions) -> None:
    save(tmp_path / "in" / "7" / "a.png", noise(1))
    parts = score(options, tmp_path, 2, incremental=True)
    texts = sorted((Path(part).read_text() for part in parts), key=len)
    columns = columns_of(truth=True, probabilities=False)
    assert texts[0] == ",".join(column.name for column in columns) + "\n"
    assert merge(parts, str(tmp_path / "out.csv")) == ExitCode.OK


def as_1_0_0(path: Path) -> None:
    """Take the columns that 1.0.0 did not write from the table at `path`."""
    later = {column.name for column in COLUMNS if column.since_1_1}
    with path.open(newline="") as file:
        read = DictReader(file)
        names, rows = read.fieldnames or [], list(read)
    with path.open("w", newline="") as file:
        names = [name for name in names if name not in later]
        written = DictWriter(file, names, extrasaction="ignore", lineterminator="\n")
        written.writeheader()
        written.writerows(rows)
    told = manifest_of(path) | {"csv_sha256": file_sha256(str(path))}
    path.with_suffix(".run.json").write_text(json.dumps(told))


def test_parts_without_no_digit_are_joined_without(tmp_path: Path, options: MakeOptions) -> None:
    save(tmp_path / "in" / "7" / "a.png", noise(1))
    parts = score(options, tmp_path, 2, probabilities=True)
    for part in parts:
        as_1_0_0(Path(part))
    assert merge(parts, str(tmp_path / "out.csv")) == ExitCode.OK
    header, line = (tmp_path / "out.csv").read_text().splitlines()
    assert header.endswith(",p8,p9")
    assert line in "".join(map(Path.read_text, map(Path, parts)))


def test_parts_of_which_one_lacks_no_digit_are_refused(
    tmp_path: Path, options: MakeOptions
) -> None:
    save(tmp_path / "in" / "7" / "a.png", noise(1))
    parts = score(options, tmp_path, 2, probabilities=True)
    as_1_0_0(Path(parts[1]))
    with pytest.raises(UsageError, match=r"some parts have the column no_digit.*part-01\.csv"):
        merge(parts, str(tmp_path / "out.csv"))
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("demand", "code"),
    [
        pytest.param([], 4, id="a failure"),
        pytest.param(["--max-failures", "1"], 0, id="allowed"),
        pytest.param(["--max-failures", "1", "--min-accuracy", "0.99"], 5, id="not accurate"),
    ],
)
def test_gates_judge_the_whole(
    tmp_path: Path,
    options: MakeOptions,
    capsys: pytest.CaptureFixture[str],
    demand: list[str],
    code: int,
) -> None:
    fill(tmp_path / "in")
    parts = score(options, tmp_path, 2)
    assert main([str(tmp_path / "out.csv"), *parts, *demand]) == code
    assert capsys.readouterr().out.startswith(
        "44 pictures: 43 ok, 0 review, 0 decided, 0 blank, 1 failed"
    )


def test_an_accuracy_of_parts_without_truth_is_refused(
    tmp_path: Path, options: MakeOptions, capsys: pytest.CaptureFixture[str]
) -> None:
    save(tmp_path / "in" / "a.png", noise(0))
    parts = score(options, tmp_path, 2)
    assert main([str(tmp_path / "out.csv"), *parts, "--min-accuracy", "0.5"]) == 2
    assert "no picture has ground truth" in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Parts 0/3 to 2/3 of one run, and parts of others."""
    folder = tmp_path_factory.mktemp("parts")
    model = folder / "fake.keras"
    model.write_bytes(MODEL_BYTES)
    for n in range(9):
        save(folder / "in" / f"{n}.png", noise(n))

    def score(name: str, **changes: object) -> None:
        given = {"model": str(model), "runtime": "fake", "preprocess": Preprocess.PLAIN}
        options = options_from(folder / "in", folder / name, {"workers": 1, **given, **changes})
        assert job.run(replace(options, quiet=True)) == ExitCode.OK

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(RUNTIMES, "fake", "tests.support.fakes:RUNTIME")
        for index in range(3):
            score(f"{index}.csv", shard=Shard(index, 3))
        score("foreign.csv", shard=Shard(1, 3), preprocess=Preprocess.AUTO)
        score("of-four.csv", shard=Shard(1, 4))
        score("whole.csv")
        looks.give_looks(model, looks.PLAN)
        score("looks.csv", shard=Shard(1, 3))
        model.with_suffix(".json").unlink()
        save(folder / "in" / "late.png", noise(10))
        score("late.csv", shard=Shard(1, 3))
    for ending in ("csv", "run.json"):
        shutil.copy(folder / f"1.{ending}", folder / f"again.{ending}")
        shutil.copy(folder / f"1.{ending}", folder / f"changed.{ending}")
    shutil.copy(folder / "1.csv", folder / "alone.csv")
    with (folder / "changed.csv").open("a") as file:
        file.write("one more\n")
    return folder


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ("0.csv 1.csv", "shard 2/3 is missing"),
        ("0.csv 1.csv 2.csv again.csv", r"again\.csv is shard 1/3, and so is .*1\.csv"),
        ("0.csv foreign.csv 2.csv", r"foreign\.csv is of another run: another preprocess"),
        ("0.csv looks.csv 2.csv", r"looks\.csv is of another run: another plan of looks"),
        ("0.csv of-four.csv 2.csv", r"of-four\.csv .*another number of shards"),
        ("0.csv late.csv 2.csv", r"late\.csv .*another number of pictures in the folder"),
        ("0.csv changed.csv 2.csv", r"changed\.run\.json belongs to another CSV"),
        ("0.csv alone.csv 2.csv", r"alone\.csv has no manifest"),
        ("0.csv whole.csv 2.csv", r"whole\.csv is no shard"),
        ("0.csv none.csv 2.csv", r"can't read .*none\.csv"),
        ("0.csv 1.parquet 2.csv", r"not .*1\.parquet"),
    ],
)
def test_what_is_no_whole_is_refused_by_name(
    runs: Path, tmp_path: Path, parts: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        merge([str(runs / part) for part in parts.split()], str(tmp_path / "out.csv"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        *(
            pytest.param(lambda m, k=key: without(m, k.split(".")), f"{key} is missing", id=key)
            for key in (
                *("arguments", "arguments.probabilities", "model.sha256", "versions", "kept"),
                *("truth_source", "truth_sha256", "walked", "found", "counts.ok", "reasons.failed"),
                *("profile", "started", "ended", "host"),
            )
        ),
        pytest.param(lambda m: m | {"profile": 3}, "not a profile", id="profile of a number"),
        pytest.param(lambda m: m | {"walked": "9"}, 'walked is "9", not a count', id="text"),
        pytest.param(lambda m: m | {"reasons": []}, "reasons is a list", id="list"),
        pytest.param(
            lambda m: replaced(m, ("arguments", "shard"), "3/3"), "received '3/3'", id="shard"
        ),
    ],
)
def test_a_part_whose_manifest_lacks_a_part_is_refused(
    runs: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[dict[str, Any]], object],
    words: str,
) -> None:
    parts = [Path(shutil.copy(runs / f"{n}.csv", tmp_path)) for n in range(3)]
    for n in range(3):
        told = change(manifest_of(runs / f"{n}.csv")) if n == 1 else manifest_of(runs / f"{n}.csv")
        (tmp_path / f"{n}.run.json").write_text(json.dumps(told))
    assert main([str(tmp_path / "out.csv"), *map(str, parts)]) == ExitCode.USAGE
    said = capsys.readouterr().err
    assert "1.run.json is no whole manifest: " in said
    assert "; run this part again" in said
    assert words in said
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param("path,label", "path,digit", "columns not found: label", id="column"),
        pytest.param(",ok,", ",fine,", "'fine' is not a valid Status", id="status"),
        pytest.param(",ok,", ",ok", "has 4 cells, not 5", id="cells"),
    ],
)
def test_a_part_that_is_no_csv_of_this_program(
    runs: Path, tmp_path: Path, old: str, new: str, words: str
) -> None:
    parts = [Path(shutil.copy(runs / f"{n}.csv", tmp_path)) for n in range(3)]
    for n in range(3):
        told = manifest_of(runs / f"{n}.csv")
        if n == 1:
            text = parts[n].read_text()
            assert old in text
            parts[n].write_text(text.replace(old, new))
            told["csv_sha256"] = file_sha256(str(parts[n]))
        (tmp_path / f"{n}.run.json").write_text(json.dumps(told))
    with pytest.raises(UsageError, match=rf"1\.csv is no CSV of batch_predict: .*{words}"):
        merge([str(part) for part in parts], str(tmp_path / "out.csv"))
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.usefixtures("silent_store")
def test_a_part_in_a_store_that_does_not_answer(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"can't read .*0\.csv: access is denied"):
        merge([str(tmp_path / "0.csv")], str(tmp_path / "out.csv"))


def test_the_folder_changed_between_two_shards_alike(runs: Path, tmp_path: Path) -> None:
    parts = [
        str(shutil.copy(runs / f"{n}.{e}", tmp_path)) for e in ("csv", "run.json") for n in range(3)
    ]
    for manifest in parts[3:]:
        Path(manifest).write_text(Path(manifest).read_text().replace('"walked": 9', '"walked": 8'))
    with pytest.raises(UsageError, match="the parts hold 9 of 8 pictures"):
        merge(parts[:3], str(tmp_path / "out.csv"))


def swap(folder: Path) -> None:
    """Two pictures of one size, each in the place and with the time of the other."""
    one, other = (folder / "a" / name for name in ("0.pgm", "10.pgm"))
    times = os.stat(one).st_mtime_ns
    one.write_bytes(other.read_bytes())
    os.utime(one, ns=(times, times + 1))


def rename(folder: Path) -> None:
    (folder / "a" / "0.pgm").rename(folder / "a" / "00.pgm")


def replace_one(folder: Path) -> None:
    (folder / "a" / "0.pgm").write_bytes(b"P5 28 28 255\n" + bytes(784))


def lengthen(folder: Path) -> None:
    path = folder / "a" / "0.pgm"
    times = os.stat(path).st_mtime_ns
    path.write_bytes(path.read_bytes() + b"\n")
    os.utime(path, ns=(times, times))


def remove_and_add(folder: Path) -> None:
    (folder / "a" / "0.pgm").unlink()
    (folder / "b" / "new.pgm").write_bytes(b"P5 28 28 255\n" + noise(99).tobytes())


@pytest.mark.parametrize("change", [swap, rename, replace_one, lengthen, remove_and_add])
def test_parts_of_two_nights_are_refused(
    change: Callable[[Path], None],
    tmp_path: Path,
    options: MakeOptions,
    engine: OneByOne,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pictures(tmp_path / "in")
    parts = [str(tmp_path / f"{n}.csv") for n in range(3)]
    for n, csv in enumerate(parts):
        if n == 2:
            change(tmp_path / "in")
        job.run(options(output=csv, shard=f"{n}/3", quiet=True))
    assert main([str(tmp_path / "out.csv"), *parts]) == ExitCode.USAGE
    assert "2.csv is of another run: the folder held other pictures" in capsys.readouterr().err
    assert not (tmp_path / "out.csv").exists()


def pictures(folder: Path) -> None:
    """Four pictures in two folders, all of the same size."""
    for n in (0, 10, 1, 11):
        path = folder / "ab"[n % 10] / f"{n}.pgm"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"P5 28 28 255\n" + noise(n).tobytes())


@pytest.fixture
def two_parts(tmp_path: Path, options: MakeOptions, engine: OneByOne) -> list[Path]:
    """Of one run; the folder is left as it is."""
    pictures(tmp_path / "in")
    parts = [tmp_path / f"{n}.csv" for n in range(2)]
    for n, csv in enumerate(parts):
        job.run(options(output=str(csv), shard=f"{n}/2", quiet=True))
    return parts


def test_parts_and_whole_say_what_was_walked(two_parts: list[Path], tmp_path: Path) -> None:
    told = [manifest_of(csv)["walk_sha256"] for csv in two_parts]
    assert merge([str(csv) for csv in two_parts], str(tmp_path / "out.csv")) == ExitCode.OK
    assert {*told, manifest_of(tmp_path / "out.csv")["walk_sha256"]} == {told[0]}


@pytest.mark.parametrize(
    ("old", "words"),
    [
        pytest.param(
            (0, 1),
            "which pictures the folder held: {0}0.csv and {0}1.csv",
            id="all",
        ),
        pytest.param(
            (1,),
            "version 1.0.0, which kept no record of which pictures the folder held: {0}1.csv",
            id="one",
        ),
        pytest.param((), "", id="none"),
    ],
)
def test_parts_of_1_0_0_are_joined_with_a_warning(
    old: tuple[int, ...],
    words: str,
    two_parts: list[Path],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for n in old:
        told = without(manifest_of(two_parts[n]), ("walk_sha256",))
        two_parts[n].with_suffix(".run.json").write_text(json.dumps(told))
    assert merge([str(csv) for csv in two_parts], str(tmp_path / "out.csv")) == ExitCode.OK
    assert words.format(f"{tmp_path}/") in caplog.text
    assert len(caplog.messages) == bool(old)


@pytest.mark.parametrize("told", [None, 7, ["a"], {}, True])
def test_a_hash_that_is_none_is_named(told: object, two_parts: list[Path], tmp_path: Path) -> None:
    form = manifest_of(two_parts[0]) | {"walk_sha256": told}
    two_parts[0].with_suffix(".run.json").write_text(json.dumps(form))
    with pytest.raises(UsageError, match=r"no whole manifest: walk_sha256 is .*, not text"):
        merge([str(csv) for csv in two_parts], str(tmp_path / "out.csv"))


def test_a_run_of_the_whole_hashes_nothing(tmp_path: Path, options: MakeOptions) -> None:
    pictures(tmp_path / "in")
    job.run(options())
    assert "walk_sha256" not in manifest_of(tmp_path / "out.csv")
