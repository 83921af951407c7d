"""Runs over a list of files, in this process, with a runtime whose answers follow the pixels."""

import csv
import os
import shutil
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from batch_predict import job
from batch_predict.check import check
from batch_predict.decisions.decision import Decided, Decision
from batch_predict.decisions.decisions_file import header_line, row_line
from batch_predict.errors import ExitCode, InputError, Stopped, UsageError
from batch_predict.merge.join_parts import merge
from batch_predict.option_values import Limit
from batch_predict.options import Options
from batch_predict.storage.file_list import FileList
from batch_predict.storage.listed_files import in_bucket
from batch_predict.storage.listing import Listing
from batch_predict.storage.selection import Selection
from tests.conftest import noise, save
from tests.support import fakes
from tests.support.here import OneByOne

MakeOptions = Callable[..., Options]
NAMES = ("3/a.png", "3/b.png", "7/c.png", "7/d.png")


class Night:
    """A folder, and runs over lists of its files; each writes the same `out.csv`."""

    def __init__(self, folder: Path, options: MakeOptions, engine: OneByOne) -> None:
        self.folder = folder
        self.options = options
        self.engine = engine

    def with_list(self, *names: str, **changes: object) -> Options:
        (self.folder.parent / "list").write_text("\n".join(names))
        given = {"files_from": str(self.folder.parent / "list"), "no_labels": True, **changes}
        return self.options(engine="here", **given)

    def run(self, *names: str, **changes: object) -> dict[str, str]:
        """Runs over the files `names`; returns status or label of each row of its output."""
        return self._run(self.with_list(*names, **changes))

    def run_all(self) -> dict[str, str]:
        return self._run(self.options(engine="here", incremental=True, no_labels=True))

    def _run(self, options: Options) -> dict[str, str]:
        self.engine.scored = []
        job.run(options)
        return self.rows()

    def rows(self) -> dict[str, str]:
        with (self.folder.parent / "out.csv").open(encoding="utf-8", newline="") as file:
            return {
                r["path"]: r["label"] or r["reason"].split(":")[0] for r in csv.DictReader(file)
            }

    def right(self, *names: str) -> dict[str, str]:
        """What the rows of the pictures `names` say."""
        pixels = (np.asarray(Image.open(self.folder / name)) for name in sorted(names))
        return {
            name: str(fakes.expected(each)[0])
            for name, each in zip(sorted(names), pixels, strict=True)
        }


@pytest.fixture
def night(tmp_path: Path, options: MakeOptions, engine: OneByOne) -> Night:
    for number, name in enumerate(NAMES):
        save(tmp_path / "in" / name, noise(number))
    return Night(tmp_path / "in", options, engine)


def stop_at(number: int) -> Callable[[str, int], None]:
    def stop(path: str, at: int) -> None:
        if at == number:
            raise Stopped(15)

    return stop


def test_rows_are_those_of_the_list(night: Night) -> None:
    (night.folder / "3" / "notes.txt").write_text("x")
    names = ("7/c.png", "./3/a.png", str(night.folder / "7/c.png"))
    assert night.run(*names) == night.right("3/a.png", "7/c.png")
    wrong = ("gone.png", "3", "3/notes.txt")
    reasons = {"3": "unreadable", "3/notes.txt": "not_an_image", "gone.png": "vanished"}
    assert night.run(*names, *wrong) == {**reasons, **night.right("3/a.png", "7/c.png")}
    assert job.run(night.with_list(*wrong)) is ExitCode.FAILURES


def test_the_rest_of_the_last_answer_stays(night: Night) -> None:
    assert night.run_all() == night.right(*NAMES)
    save(night.folder / "3" / "b.png", noise(10))
    save(night.folder / "3" / "new.png", noise(11))
    (night.folder / "7" / "d.png").unlink()
    named = ("3/b.png", "3/new.png", "7/d.png", "3/a.png")
    there = ("3/a.png", "3/b.png", "3/new.png", "7/c.png")
    found = night.run(*named, incremental=True)
    assert found == {**night.right(*there), "7/d.png": "vanished"}
    assert night.engine.scored == ["3/b.png", "3/new.png", "7/d.png"]
    save(night.folder / "7" / "c.png", noise(12))  # which nobody names
    last = night.run("3/a.png", incremental=True)
    assert night.engine.scored == []
    assert last == {path: found[path] for path in there}  # what was gone is gone
    assert night.run_all() == night.right(*there)
    assert night.engine.scored == ["7/c.png"]


def test_gone_is_counted_by_a_run_over_all(night: Night) -> None:
    night.run_all()
    night.run("3/a.png", incremental=True)
    shutil.rmtree(night.folder / "3")
    (night.folder / "7" / "d.png").unlink()
    manifest = job.score_folder(night.with_list("7/c.png", incremental=True))
    assert (manifest.record.walk.gone, manifest.exit_code) == (None, ExitCode.OK)
    manifest = job.score_folder(night.options(engine="here", incremental=True))
    assert (manifest.record.walk.gone, manifest.exit_code) == ((3, 4), ExitCode.GATE)


def test_new_files_of_an_empty_list_are_none(night: Night) -> None:
    with pytest.raises(InputError, match=r"--files-from .*list holds no picture file"):
        night.run(incremental=True)
    night.run_all()
    assert night.run(incremental=True) == night.right(*NAMES)


def test_a_list_alone_begins_a_cache(night: Night) -> None:
    assert night.run("3/a.png", incremental=True) == night.right("3/a.png")
    assert night.run("3/b.png", incremental=True) == night.right("3/a.png", "3/b.png")
    assert night.run("3/b.png") == night.right("3/b.png")


def test_a_table_whose_answers_are_not_kept_is_not_replaced_by_a_part(night: Night) -> None:
    whole = night.run_all()
    (night.folder.parent / "out.csv.cache").unlink()
    with pytest.raises(UsageError, match=r"rows that --files-from does not name would be lost"):
        night.run("3/a.png", incremental=True)
    assert night.rows() == whole
    named = night.run("3/a.png", incremental=True, overwrite=True)
    assert named == night.right("3/a.png")


@pytest.mark.parametrize("at", range(3))
def test_a_run_that_was_stopped_goes_on(night: Night, at: int) -> None:
    night.run_all()
    for number, name in enumerate(NAMES[:3]):
        save(night.folder / name, noise(20 + number))
    night.engine.before = stop_at(at)
    with pytest.raises(Stopped):
        night.run(*NAMES[2::-1], incremental=True)
    night.engine.before = lambda path, number: None
    assert night.run(*NAMES[2::-1], incremental=True) == night.right(*NAMES)
    assert night.engine.scored == list(NAMES[2::-1][at:])


def test_what_another_list_had_begun_is_kept(night: Night) -> None:
    night.run_all()
    save(night.folder / "3" / "a.png", noise(20))
    night.engine.before = stop_at(0)
    with pytest.raises(Stopped):
        night.run("3/a.png", incremental=True)
    night.engine.before = lambda path, number: None
    assert night.run("3/b.png", incremental=True) == night.right(*NAMES)


def test_with_another_model_all_is_scored_anew(night: Night) -> None:
    night.run_all()
    (night.folder / "7" / "d.png").unlink()
    Path(night.options().model).write_bytes(b"PK\x03\x04 another")
    assert night.run("3/b.png", incremental=True) == night.right(*NAMES[:3])
    assert night.engine.scored == ["3/b.png", "3/a.png", "7/c.png"]
    night.run_all()
    assert night.engine.scored == []


@pytest.fixture
def without_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder's files are listed as a bucket's: nothing is asked for."""

    def listed(
        files: FileList,
        base: Listing,
        selection: Selection,
        found: object,
    ) -> Listing:
        return in_bucket(files, base, selection)

    monkeypatch.setattr("batch_predict.storage.folder.in_folder", listed)


@pytest.mark.usefixtures("without_versions")
def test_a_key_that_is_named_again_is_read_again(night: Night) -> None:
    night.run_all()
    for number in (1, 2):
        save(night.folder / "3" / "a.png", noise(30 + number))
        assert night.run("3/a.png", incremental=True) == night.right(*NAMES)
        assert night.engine.scored == ["3/a.png"]
    assert night.run("3/b.png", incremental=True) == night.right(*NAMES)
    assert night.engine.scored == ["3/b.png"]
    night.run_all()
    assert night.engine.scored == ["3/a.png", "3/b.png"]  # now their versions are known


@pytest.mark.usefixtures("without_versions")
def test_keys_that_were_read_when_a_run_was_stopped_are_not_read_again(night: Night) -> None:
    night.engine.before = stop_at(2)
    with pytest.raises(Stopped):
        night.run(*NAMES, incremental=True)
    night.engine.before = lambda path, number: None
    assert night.run(*NAMES, incremental=True) == night.right(*NAMES)
    assert night.engine.scored == list(NAMES[2:])
    night.run(*NAMES, incremental=True)
    assert night.engine.scored == list(NAMES)


def decide(night: Night, name: str) -> None:
    content = sha256((night.folder / name).read_bytes()).hexdigest()
    said = Decided(name, content, Decision.DIGIT_7, "2026-11-27T08:30:00Z", "Ann", "")
    (night.folder.parent / "out.decisions.csv").write_text(header_line() + row_line(said))


def test_decisions_hold_for_the_bytes_they_were_made_on(night: Night) -> None:
    decide(night, "3/a.png")
    rest = {**night.run_all(), "3/a.png": "7"}
    assert night.run("3/b.png", incremental=True) == rest
    save(night.folder / "3" / "a.png", noise(40))
    found = night.run("3/b.png", incremental=True)
    assert night.engine.scored == ["3/a.png"]
    assert found == {**rest, **night.right("3/a.png")}
    assert night.run("3/b.png", incremental=True) == found


def test_truth_is_asked_anew(night: Night, tmp_path: Path) -> None:
    night.run_all()
    labels = tmp_path / "labels.csv"
    labels.write_text("path,label\n3/a.png,1\nc.png,2\n")
    night.run("7/d.png", incremental=True, labels=str(labels), no_labels=False)
    with (tmp_path / "out.csv").open() as file:
        truths = [row["truth"] for row in csv.DictReader(file)]
    assert truths == ["1", "", "2", ""]


@pytest.mark.parametrize(
    ("more", "is_warned"),
    [
        pytest.param({"files_from": None}, True, id="all"),
        pytest.param({}, False, id="a list"),
        pytest.param({"incremental": True}, True, id="a list and all that is known"),
    ],
)
def test_a_list_names_a_part_of_what_is_labelled(
    night: Night,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    more: dict[str, object],
    is_warned: bool,
) -> None:
    night.run_all()
    (tmp_path / "labels.csv").write_text("path,label\n3/a.png,3\n9/z.png,9\n")
    labels = {"labels": str(tmp_path / "labels.csv"), "no_labels": False}
    manifest = job.score_folder(night.with_list("3/a.png", **labels, **more))
    (unused,) = (
        each for each in manifest.record.truth.findings if "without a picture" in each.what
    )
    assert unused.count == 1
    assert ("1 label fits no picture" in caplog.text) is is_warned


def test_parts_are_merged(night: Night, tmp_path: Path) -> None:
    parts = [str(tmp_path / f"part{k}.csv") for k in range(2)]
    for k, part in enumerate(parts):
        job.run(night.with_list(*NAMES[1:], "gone.png", shard=f"{k}/2", output=part))
    merge(parts, str(tmp_path / "out.csv"), max_failures=Limit.parse("100%"))
    assert night.rows() == {**night.right(*NAMES[1:]), "gone.png": "vanished"}


def test_check_says_what_a_run_would_do(night: Night, capsys: pytest.CaptureFixture[str]) -> None:
    night.run_all()
    save(night.folder / "3" / "a.png", noise(50))
    capsys.readouterr()
    check(night.with_list("3/a.png", "3/b.png", incremental=True))
    assert capsys.readouterr().out.startswith("4 pictures found: 1 to score, 3 kept; checked")


def test_what_is_new_since_the_last_run(night: Night) -> None:
    night.run_all()
    manifest = job.score_folder(night.with_list("gone.png", "7/c.png", incremental=True))
    assert manifest.record.new_since_last is not None
    assert manifest.record.new_since_last.failed.paths == ("gone.png",)


def test_a_listed_archive_is_opened(night: Night) -> None:
    archive = night.folder / "scans.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name in NAMES[:2]:
            file.write(night.folder / name, name)
    members = {f"scans.zip/{name}": label for name, label in night.right(*NAMES[:2]).items()}
    found = night.run("scans.zip", "gone.zip", archives=True, incremental=True)
    assert found == {**members, "gone.zip": "vanished"}
    found = night.run("7/c.png", archives=True, incremental=True)
    assert found == {**members, **night.right("7/c.png")}
    assert night.engine.scored == ["7/c.png"]
    for twice in (("scans.zip", *members), (*members, "scans.zip", *members)):
        assert night.run(*twice, archives=True) == members
    with pytest.raises(UsageError, match=r"in_dir is to be a folder or bucket, and .* is one file"):
        night.run(NAMES[0], in_dir=str(archive))


def test_a_line_that_leads_out_of_the_folder_ends_the_run(night: Night, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"line 2: \.\./a\.png leads out of") as raised:
        night.run("3/a.png", "../a.png")
    assert raised.value.exit_code is ExitCode.USAGE
    assert not os.path.exists(tmp_path / "out.csv")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"files_from": ""}, "received nothing", id="no name"),
        pytest.param({"null": True}, "name that list, too", id="no list"),
        pytest.param(
            {"files_from": "x", "incremental": True, "max_gone": "1%"},
            "--max-gone 1% is for runs over all of in_dir",
            id="--max-gone",
        ),
        pytest.param(
            {"files_from": "x", "incremental": True, "shard": "0/2"},
            "leave out --shard or --incremental",
            id="a part of the last answer",
        ),
    ],
)
def test_options_that_do_not_go_together(
    options: MakeOptions, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        options(**changes)
