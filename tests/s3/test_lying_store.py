"""Stores whose answers are not what they listed: none is believed, and the next run asks again."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MODEL_BYTES, ROOT, noise
from tests.s3.scripted import Listed, Object, Store, scripted
from tests.s3.server import environment

pytestmark = pytest.mark.slow

CHANGED = "unreadable: the file changed after it was listed"


def picture(seed: int) -> bytes:
    return b"P5 28 28 255\n" + noise(seed).tobytes()


def run(
    store: Store, folder: Path, *arguments: str, output: str = "", **environ: str
) -> tuple[int, str, dict[str, str]]:
    """Exit code, stderr, and the reason of each row by its path."""
    model = folder / "fake.keras"
    model.write_bytes(MODEL_BYTES)
    command = ["s3://pictures/in", output or str(folder / "out.csv"), "--model", str(model)]
    with scripted(store) as port:
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.cheap", *command, *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                **environment(port),
                "XDG_STATE_HOME": str(folder / "state"),
                **environ,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
    if not (folder / "out.csv").exists():
        return done.returncode, done.stderr, {}
    with open(folder / "out.csv", encoding="utf-8", newline="") as file:
        return done.returncode, done.stderr, {r["path"]: r["reason"] for r in csv.DictReader(file)}


#: what is listed beside a body of `picture(0)` with the tag "1", what comes, and the reason
WHOLE = picture(0)
ANSWERS = {
    "as-listed.pgm": (Listed("", len(WHOLE)), Object(WHOLE), ""),
    "no-tag.pgm": (Listed("", len(WHOLE), None), Object(WHOLE, None), ""),
    "tag-in-the-answer-alone.pgm": (Listed("", len(WHOLE), None), Object(WHOLE), ""),
    "tag-in-the-list-alone.pgm": (Listed("", len(WHOLE)), Object(WHOLE, None), ""),
    "unquoted-tag.pgm": (Listed("", len(WHOLE), "1"), Object(WHOLE), ""),
    "weak-tag.pgm": (Listed("", len(WHOLE)), Object(WHOLE, 'W/"1"'), ""),
    "cut.pgm": (Listed("", len(WHOLE)), Object(WHOLE[:-100]), CHANGED),
    "empty.pgm": (Listed("", len(WHOLE)), Object(b""), CHANGED),
    "grown.pgm": (Listed("", len(WHOLE)), Object(WHOLE + b"more"), CHANGED),
    "replaced.pgm": (Listed("", len(WHOLE)), Object(picture(1), '"2"'), CHANGED),
    "replaced-by-one-without-a-tag.pgm": (Listed("", 9, None), Object(WHOLE, None), CHANGED),
    "endless.pgm": (Listed("", len(WHOLE)), Object(WHOLE * 100, length=len(WHOLE)), CHANGED),
    "cut-in-chunks.pgm": (Listed("", len(WHOLE)), Object(WHOLE[:99], length=len(WHOLE)), CHANGED),
}


def test_a_body_that_is_not_what_was_listed_is_asked_for_again(tmp_path: Path) -> None:
    store = Store([listed._replace(key=f"in/{key}") for key, (listed, _, _) in ANSWERS.items()])
    store.objects = {f"in/{key}": answer for key, (_, answer, _) in ANSWERS.items()}
    code, err, reasons = run(store, tmp_path, "--preprocess", "plain", "--incremental")
    first, *_ = err.splitlines()
    assert (code, first) == (
        4,
        "batch_predict: 7 of 13 pictures failed (--max-failures 0): 7 unreadable",
    )
    assert reasons == {key: reason for key, (_, _, reason) in ANSWERS.items()}

    for key, (listed, _, _) in ANSWERS.items():  # the store says the truth again
        length = min(listed.size, len(WHOLE))
        store.objects[f"in/{key}"] = Object(WHOLE[:length], listed.tag)
    store.asked.clear()
    code, _, reasons = run(store, tmp_path, "--preprocess", "plain", "--incremental")
    assert sum(target.endswith(".pgm") for _, target in store.asked) == 7
    assert {key for key, reason in reasons.items() if reason} == {
        "replaced-by-one-without-a-tag.pgm"  # cut where its list says so
    }


def test_a_labels_file_longer_than_it_says_is_not_kept(tmp_path: Path) -> None:
    store = Store([Listed("in/a.pgm", len(WHOLE))], {"in/a.pgm": Object(WHOLE)})
    store.objects["in/labels.csv"] = Object(b"path,label\na.pgm,7\n" * 100, length=19)
    code, err, reasons = run(store, tmp_path)
    assert (code, reasons) == (3, {})
    words = "the store sends more than it says"
    assert err == f"batch_predict: can't read s3://pictures/in/labels.csv: {words}\n"


@pytest.mark.parametrize(
    ("listed", "path"),
    [
        pytest.param(["in/a.pgm", "in/b.pgm", "in/a.pgm"], "a.pgm", id="listed twice"),
        pytest.param(["/in/a.pgm", "in/b.pgm/", "in/b.pgm"], "b.pgm", id="a slash more"),
    ],
)
def test_two_keys_of_one_path_are_exit_3_in_words(
    listed: list[str], path: str, tmp_path: Path
) -> None:
    store = Store([Listed(key, len(WHOLE)) for key in listed])
    code, err, _ = run(store, tmp_path)
    assert code == 3
    assert err.startswith(f"batch_predict: two files have the path {path}: ")
    assert len(err.splitlines()) == 1


def test_markers_of_folders_are_no_pictures(tmp_path: Path) -> None:
    keys = {"in/": 0, "in/d.pgm/": 0, "in/d.pgm/a.pgm": len(WHOLE), "in/e.pgm/": 0}
    store = Store([Listed(key, size) for key, size in keys.items()])
    store.objects["in/d.pgm/a.pgm"] = Object(WHOLE)
    code, err, reasons = run(store, tmp_path, "--all-files")
    assert (code, err, list(reasons)) == (0, "", ["d.pgm/a.pgm"])


@pytest.mark.parametrize(
    ("denied", "code"),
    [
        pytest.param({"PUT"}, 8, id="nothing may be written"),
        pytest.param({"DELETE"}, 0, id="nothing may be removed"),
    ],
)
def test_a_bucket_that_takes_no_outputs_is_noticed_before_any_picture_is_read(
    denied: set[str], code: int, tmp_path: Path
) -> None:
    store = Store([Listed("in/a.pgm", len(WHOLE))], {"in/a.pgm": Object(WHOLE)}, frozenset(denied))
    ended, err, _ = run(store, tmp_path, output="s3://pictures/out.csv")
    assert ended == code
    assert any(target.endswith("a.pgm") for _, target in store.asked) is (code == 0)
    if code:
        assert err == (
            "batch_predict: can't write s3://pictures: access is denied: check the credentials\n"
        )
    else:
        assert err == ""
        assert "out.csv" in store.objects


def test_what_obstore_gives_up_over_is_exit_3_in_words(tmp_path: Path) -> None:
    code, err, _ = run(Store(), tmp_path, AWS_ACCESS_KEY_ID="two\nlines")
    assert (code, err) == (
        3,
        "batch_predict: AWS_ACCESS_KEY_ID holds a space, a line end or another character that"
        " can't be\n",
    )
