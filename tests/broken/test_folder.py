"""Whole runs over the folders that nobody has looked at, in a process of their own."""

import os
import socket
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from batch_predict.errors import ExitCode
from batch_predict.tables.csv_paths import to_csv
from tests.broken.files import BROKEN
from tests.decode.every_encoding import ENCODINGS
from tests.support.command import MEMORY, batch_predict
from tests.support.digits import DIGITS

SECONDS = 60
NAMES = (
    *("a space.png", "a'quote\".png", "a,comma.png", "two\nlines.png", "back\\slash.png"),
    *("\N{SNOWMAN}\N{GRINNING FACE}.png", "=1+1.png", "-7.png", "@seven.png", "\ttab.png"),
    *(os.fsdecode(b"\xff\xfe.png"), "no-suffix", "SHOUTED.PNG", "wrong.jpg"),
)


def put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def too_deep_to_list(folder: Path) -> str:
    """Folders in each other, until the innermost can't be named, nor listed, even by root."""
    name = "d" * 250
    within = os.open(folder, os.O_RDONLY)
    for _ in range(17):
        os.mkdir(name, dir_fd=within)
        inner = os.open(name, os.O_RDONLY, dir_fd=within)
        os.close(within)
        within = inner
    os.close(within)
    return name


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_encoding_gets_its_label_by_the_plain_command(tmp_path):
    for encoding in ENCODINGS:
        for digit, pixels in enumerate(DIGITS):
            name = f"{encoding.name}{encoding.suffix}"
            put(tmp_path / "in" / str(digit) / name, encoding.make(pixels))
    run = batch_predict(tmp_path / "in", tmp_path / "out.csv")
    wrong = [row for row in run.rows if row["label"] != row["truth"] or row["status"] != "ok"]
    assert wrong == []
    assert len(run.rows) == len(ENCODINGS) * len(DIGITS)
    assert run.code == ExitCode.OK
    assert run.said[1] == ""


@pytest.mark.slow
def test_a_folder_of_everything_that_is_broken(tmp_path):
    folder = tmp_path / "in"
    expected = {}
    for broken in BROKEN:
        put(folder / broken.name, broken.make(DIGITS[7]))
        expected[broken.name] = (broken.status, broken.code)
    (folder / "gone.png").symlink_to("nowhere.png")
    (folder / "circle.png").symlink_to("circle.png")
    expected |= dict.fromkeys(("gone.png", "circle.png"), ("failed", "unreadable"))
    (folder / "up").symlink_to(folder)
    put(folder / "._7.png", b"\0\5\x16\7")
    put(folder / ".hidden.png", b"")
    os.mkfifo(folder / "pipe.png")
    locked = too_deep_to_list(folder)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(folder / "socket.png"))
        run = batch_predict(folder, tmp_path / "out.csv", "--follow-links")
    subprocess.run(["rm", "-r", folder / locked], check=True)
    assert run.code == ExitCode.FAILURES
    rows = {row["path"]: row for row in run.rows}
    (unlisted,) = [path for path in rows if path.endswith("/")]
    assert rows.pop(unlisted)["reason"].startswith("unreadable: ")
    seen = {path: (row["status"], row["reason"].split(":")[0]) for path, row in rows.items()}
    assert seen == expected
    assert run.manifest["counts"] == {
        **dict.fromkeys(("ok", "review", "decided", "blank", "failed"), 0),
        **Counter(row["status"] for row in run.rows),
    }
    assert run.manifest["found"] == len(BROKEN) + 3
    assert run.manifest["left_out"] == {
        "AppleDouble": 1,
        "hidden": 1,
        "linked folder met elsewhere": 1,
        "special file or broken link": 2,
    }
    assert len(run.said[0]) == 1
    assert run.said[1].count("\n") == 4  # how many failed and why, examples, and what shows them
    assert run.peak < MEMORY
    assert run.manifest["duration_s"] < SECONDS


@pytest.mark.slow
def test_names_that_need_care(tmp_path):
    make = ENCODINGS[0].make
    for digit, name in enumerate(NAMES):
        put(tmp_path / "in" / name, make(DIGITS[digit % 10]))
    run = batch_predict(tmp_path / "in", tmp_path / "out.csv", "--all-files")
    labels = {to_csv(name): str(digit % 10) for digit, name in enumerate(NAMES)}
    assert {row["path"]: row["label"] for row in run.rows} == labels
    assert [row["path"] for row in run.rows] == sorted(labels)
    assert run.code == ExitCode.OK
