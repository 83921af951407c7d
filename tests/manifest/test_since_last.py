"""What is new since the last run, and the mail that says so."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from batch_predict.errors import ExitCode
from batch_predict.job import run
from batch_predict.manifest.new_since_last import MOST, SHOWN, Named, NewSinceLast
from batch_predict.manifest.read_write import read_manifest
from batch_predict.manifest.since_last import SinceLast
from batch_predict.options import Options
from batch_predict.records import ImageRef, Row, Status
from batch_predict.rows import in_columns
from tests.conftest import noise, save

MakeOptions = Callable[..., Options]


def compared(before: dict[str, str], now: dict[str, str]) -> NewSinceLast:
    rows = (Row(ImageRef(path), None, None, Status(status)) for path, status in now.items())
    last = SinceLast("a hash", iter(before.items()))
    assert sum(map(len, last.pass_through(in_columns(rows)))) == len(now)
    return last.found()


@pytest.mark.parametrize(
    ("before", "now", "failed", "review", "known"),
    [
        pytest.param({}, {"a": "failed", "b": "review"}, ["a"], ["b"], [], id="none-before"),
        pytest.param({"a": "failed"}, {"a": "failed"}, [], [], ["a"], id="as-before"),
        pytest.param({"a": "review"}, {"a": "failed"}, ["a"], [], [], id="worse"),
        pytest.param({"a": "failed"}, {"a": "review"}, [], ["a"], [], id="better"),
        pytest.param({"a": "failed", "c": "failed"}, {"b": "failed"}, ["b"], [], [], id="gone"),
        pytest.param({"a": "failed"}, {"a": "ok"}, [], [], [], id="well"),
        pytest.param({"é": "review"}, {"z": "ok", "é": "review"}, [], [], [], id="code-points"),
    ],
)
def test_new_is_what_was_not_so_before(
    before: dict[str, str],
    now: dict[str, str],
    failed: list[str],
    review: list[str],
    known: list[str],
) -> None:
    found = compared(before, now)
    assert [list(each.paths) for each in (found.failed, found.review, found.known_failed)] == [
        failed,
        review,
        known,
    ]
    assert found.paths == tuple(sorted(failed + review))


def test_all_are_counted_and_not_all_named() -> None:
    names = [f"{n:06}" for n in range(MOST + 1)]
    failed = compared({}, dict.fromkeys(names, "failed")).failed
    assert failed == Named(MOST + 1, tuple(names[:MOST]))
    known = compared(dict.fromkeys(names, "failed"), dict.fromkeys(names, "failed")).known_failed
    assert known == Named(MOST + 1, tuple(names[:SHOWN]))


@pytest.mark.parametrize("error", [OSError("it went away"), ValueError("no such status")])
def test_a_last_table_that_ends_early_is_no_last_run(error: Exception) -> None:
    def before() -> Iterator[tuple[str, str]]:
        yield "a", "failed"
        raise error

    last = SinceLast("a hash", before())
    rows = [Row(ImageRef(path), None, None, Status.FAILED) for path in "ab"]
    list(last.pass_through(in_columns(rows)))
    assert last.found().last is None


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("output", ["out it's.csv", "out.jsonl"])
def test_the_mail_of_a_bad_night(
    tmp_path: Path,
    options: MakeOptions,
    caplog: pytest.LogCaptureFixture,
    output: str,
) -> None:
    """It names what is new and what was so before, apart, and how to look at it."""
    for seed in range(7):
        save(tmp_path / "in" / f"{seed}.png", noise(seed))
        (tmp_path / "in" / f"bad-{seed}.png").write_bytes(b"no picture")
    path = str(tmp_path / output)
    given = options(engine="here", review_below=0.0, output=path)
    command = f"python -m batch_predict.review {path}"
    if "'" in path:
        command = "python -m batch_predict.review " + "'" + path.replace("'", "'\"'\"'") + "'"
    failed = "7 of 14 pictures failed (--max-failures 0): 7 not_an_image"
    five = "bad-0.png, bad-1.png, bad-2.png, bad-3.png, bad-4.png"

    assert run(given) is ExitCode.FAILURES
    first = [failed, f"7 failed: {five} and 2 more", f"to look at them: {command}"]
    assert caplog.messages == first

    caplog.clear()
    (tmp_path / "in" / "bad-9.png").write_bytes(b"no picture")
    run(options(engine="here", review_below=1.0, output=path))
    assert caplog.messages == [
        "8 of 15 pictures failed (--max-failures 0): 8 not_an_image",
        "1 newly failed since the last run: bad-9.png",
        f"7 failed in the last run, too: {five} and 2 more",
        "7 newly for review since the last run: 0.png, 1.png, 2.png, 3.png, 4.png and 2 more",
        f"to look at them: {command}",
    ]
    stored = json.loads(Path(path).with_suffix(".run.json").read_text())["new_since_last"]
    assert stored["failed"] == {"count": 1, "paths": ["bad-9.png"]}
    _, manifest = read_manifest(path)
    assert manifest is not None
    assert manifest.record.new_since_last is not None
    assert manifest.record.new_since_last.to_json() == stored


@pytest.mark.usefixtures("engine")
def test_a_good_night_is_silent(
    tmp_path: Path, options: MakeOptions, caplog: pytest.LogCaptureFixture
) -> None:
    save(tmp_path / "in" / "a.png", noise(0))
    for _ in range(2):
        assert run(options(engine="here", review_below=1.0)) is ExitCode.OK
    assert caplog.messages == []
    caplog.set_level(logging.INFO)  # as --verbose has it
    save(tmp_path / "in" / "b.png", noise(1))
    run(options(engine="here", review_below=1.0))
    assert "1 newly for review since the last run: b.png" in caplog.messages


@pytest.mark.usefixtures("engine")
def test_a_table_that_its_manifest_does_not_fit_is_no_last_run(
    tmp_path: Path, options: MakeOptions
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.png").write_bytes(b"no picture")
    run(options(engine="here"))
    with (tmp_path / "out.csv").open("a") as file:
        file.write("x.png,,,failed,\n")
    run(options(engine="here"))
    new = json.loads((tmp_path / "out.run.json").read_text())["new_since_last"]
    assert new["last_csv_sha256"] is None
    assert new["failed"]["count"] == 1
