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

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CHANGED = "unreadable: the file changed after it was listed"


def picture(seed: int) -> bytes:
    return b"P5 28 28 255\n" + noise(seed).tobytes()


def run(store: Store, folder: Path, *arguments: str) -> tuple[int, str, dict[str, str]]:
    """Exit code, stderr, and the reason of each row by its path."""
    model = folder / "fake.keras"
    model.write_bytes(MODEL_BYTES)
    command = ["s3://pictures/in", str(folder / "out.csv"), "--model", str(model)]
    with scripted(store) as port:
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.cheap", *command, *arguments],
            cwd=ROOT,
            env={**os.environ, **environment(port)},
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
    assert (code, err) == (
        4,
        "batch_predict: 7 of 13 pictures failed (--max-failures 0): 7 unreadable\n",
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
