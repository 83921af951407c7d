"""Runs over an object store: a real S3 server on this machine, `rclone serve s3`."""

import csv
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from hashlib import md5, sha256
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from batch_predict.decisions.decision import Decided, Decision
from batch_predict.decisions.decisions_file import header_line, row_line
from tests.conftest import MODEL_BYTES, ROOT, noise, save
from tests.s3 import server
from tests.s3.server import KEY, SECRET, Faults, Proxy, serving
from tests.support.cheap import committed
from tests.support.mixed import csv_of, unexpected
from tests.support.schemas import check_below

pytestmark = [pytest.mark.s3, pytest.mark.timeout(600)]

NAMES = ["a [1].png", "é ☃.png", "100%.png", "a#b?c.png", "=1+1.png", "back\\slash.png", "x&y.png"]

Environment = dict[str, str]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The buckets: one of 300 pictures good and bad, in folders of digits; an empty one."""
    root = tmp_path_factory.mktemp("s3")
    for n in range(300):
        save(root / "pictures" / "in" / str(n % 10) / f"{n}.png", noise(n))
    for n, name in enumerate(NAMES):
        save(root / "pictures" / "in" / "odd [names] é" / name, noise(n))
    folder = root / "pictures" / "in"
    (folder / "cut.png").write_bytes((folder / "0" / "0.png").read_bytes()[:300])
    (folder / "empty.png").touch()
    (folder / "notes.txt").write_text("no picture")
    (root / "pictures" / "input.png").write_text("beside the prefix, not in it")
    (root / "out").mkdir()
    return root


@pytest.fixture(scope="module")
def port(root: Path) -> Iterator[int]:
    with serving(root) as port:
        yield port


def environment(port: int, home: Path, secret: str = SECRET) -> Environment:
    measured = {name: os.environ[name] for name in os.environ if name.startswith("COVERAGE_")}
    return {
        **server.environment(port, secret),
        **measured,
        "HOME": str(home),
        "TMPDIR": str(home),
        "PATH": os.environ["PATH"],
    }


def start(where: Environment, model: Path, *arguments: object) -> "subprocess.Popen[str]":
    given = ["--model", model, "--preprocess", "plain", "--max-failures", "100%", *arguments]
    return python(where, "tests.support.cheap", *given)


def python(where: Environment, module: str, *arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env=where,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(where: Environment, model: Path, *arguments: object) -> tuple[int, str, str]:
    with start(where, model, *arguments) as process:
        out, err = process.communicate(timeout=500)
        return process.returncode, out, err


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "fake.keras"
    path.write_bytes(MODEL_BYTES)
    return path


@pytest.fixture(scope="module")
def expected(root: Path, tmp_path_factory: pytest.TempPathFactory, model: Path) -> bytes:
    """What a run over the same files on disk writes."""
    folder = tmp_path_factory.mktemp("expected")
    where = environment(0, folder)
    assert run(where, model, root / "pictures" / "in", folder / "out.csv")[0] == 0
    return (folder / "out.csv").read_bytes()


def test_decisions_beside_an_output_in_a_bucket_are_taken_night_by_night(
    root: Path, port: int, tmp_path: Path, model: Path
) -> None:
    where, pictures = environment(port, tmp_path), root / "night"
    for n, name in enumerate(("a.png", "b.png", "c.png")):
        save(pictures / name, noise(n))
    beside, theirs = root / "out" / "night" / "out.decisions.csv", root / "out" / "theirs.csv"
    beside.parent.mkdir()
    for file, name, what in (
        (beside, "a.png", "7"),
        (beside, "b.png", "none"),
        (theirs, "c.png", "1"),
    ):
        content = sha256((pictures / name).read_bytes()).hexdigest()
        before = file.read_text() if file.exists() else header_line()
        decided = Decided(name, content, Decision(what), "2026-11-27T08:30:00Z", "Ann", "")
        file.write_text(before + row_line(decided))
    kept = beside.read_bytes()

    def night() -> dict[str, tuple[str, str]]:
        options = ("--decisions", "s3://out/theirs.csv", "--incremental")
        code, _, err = run(where, model, "s3://night", "s3://out/night/out.csv", *options)
        assert (code, unexpected(err)) == (0, "")
        lines = (beside.parent / "out.csv").read_text().splitlines()
        return {row["path"]: (row["status"], row["label"]) for row in csv.DictReader(lines)}

    first = night()
    decided_rows = {"a.png": ("decided", "7"), "b.png": ("decided", ""), "c.png": ("decided", "1")}
    assert first == decided_rows
    save(pictures / "a.png", noise(9))
    (pictures / "b.png").rename(pictures / "moved.png")
    second = night()
    assert second["a.png"][0] != "decided"
    assert {name: second[name] for name in ("c.png", "moved.png")} == {
        "c.png": ("decided", "1"),
        "moved.png": ("decided", ""),
    }
    assert beside.read_bytes() == kept


def test_a_bucket_gives_the_csv_of_a_folder_and_takes_the_outputs(
    root: Path, port: int, tmp_path: Path, model: Path, expected: bytes
) -> None:
    where = environment(port, tmp_path)
    code, out, err = run(where, model, "s3://pictures/in/", "s3://out/a/out.csv")
    assert (code, unexpected(err)) == (0, "")
    command = "python -m batch_predict.review s3://out/a/out.csv"
    assert out.endswith(f"-> s3://out/a/out.csv; to look at them: {command}\n")
    assert (root / "out" / "a" / "out.csv").read_bytes() == expected
    written = sorted(path.name for path in (root / "out" / "a").iterdir())
    assert written == ["out.csv", "out.report.html", "out.report.json", "out.run.json"]
    state = (tmp_path / ".local/state/batch_predict").rglob("*")
    assert not [path for path in state if path.is_file()]
    for path in (root / "out" / "a").iterdir():
        assert SECRET not in path.read_text()
        assert KEY not in path.read_text()


def test_an_inventory_or_a_list_of_keys_stands_for_listing(
    root: Path, port: int, tmp_path: Path, model: Path, expected: bytes
) -> None:
    folder = root / "pictures" / "in"
    rows = [
        f'"pictures","in/{quote_plus(str(path.relative_to(folder)))}","{path.stat().st_size}",'
        f'"{md5(path.read_bytes()).hexdigest()}"\n'
        for path in folder.rglob("*")
        if path.is_file()
    ]
    packed = gzip.compress("".join([*rows, '"pictures","input.png","9","0"\n']).encode())
    part = {"key": "daily/data/1.csv.gz", "MD5checksum": md5(packed).hexdigest()}
    manifest = {
        "sourceBucket": "pictures",
        "destinationBucket": "arn:aws:s3:::inventories",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, Size, ETag",
        "files": [part],
    }
    for name, content in (
        ("data/1.csv.gz", packed),
        ("2026-11-27T01-00Z/manifest.json", json.dumps(manifest).encode()),
    ):
        path = root / "inventories" / "daily" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    where = environment(port, tmp_path)
    out, keys = tmp_path / "out.csv", tmp_path / "keys"
    listed = "--files-from", "s3://inventories/daily/2026-11-27T01-00Z/manifest.json"
    parts = [tmp_path / f"part{k}.csv" for k in range(2)]
    for k, each in enumerate(parts):
        code, _, err = run(where, model, "s3://pictures/in", each, *listed, "--shard", f"{k}/2")
        assert (code, unexpected(err)) == (0, "")
    with python(where, "batch_predict.merge", out, *parts, "--max-failures", "100%") as process:
        err = process.communicate(timeout=100)[1]
        assert (unexpected(err), process.returncode) == ("", 0)
    assert out.read_bytes() == expected
    assert check_below(tmp_path) >= {"part0.run.json", "part1.run.json", "out.run.json"}
    walked = run(where, model, "s3://pictures/in", out, "--incremental")
    again = run(where, model, "s3://pictures/in", out, "--incremental", *listed)
    assert (walked[0], again[0], " none scored now;" in again[1]) == (0, 0, True)
    assert out.read_bytes() == expected
    keys.write_text("0/0.png\ns3://pictures/in/1/1.png\n2/gone.png\n")
    code, said, _ = run(
        where, model, "s3://pictures/in", out, "--incremental", "--files-from", keys
    )
    assert (code, " 3 scored now;" in said) == (0, True)
    lines = out.read_bytes().splitlines(keepends=True)
    (gone,) = (line for line in lines if line.startswith(b"2/gone.png,,,failed,vanished: "))
    assert b"".join(line for line in lines if line != gone) == expected


def test_what_is_in_doubt_in_a_bucket_is_reviewed(
    root: Path, port: int, tmp_path: Path, model: Path
) -> None:
    where = environment(port, tmp_path)
    assert run(where, model, "s3://pictures/in", "s3://out/b/out.csv")[0] == 0
    with python(where, "batch_predict.review", "s3://out/b/out.csv") as process:
        out, err = process.communicate(timeout=100)
    assert (process.returncode, unexpected(err)) == (0, "")
    assert out == "2 pictures to look at -> s3://out/b/out.review.html\n"
    page = (root / "out" / "b" / "out.review.html").read_text()
    empty = sha256((root / "pictures" / "in" / "empty.png").read_bytes()).hexdigest()
    assert f'"content":"{empty}"' in page
    assert SECRET not in page


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["local", pytest.param("ray", marks=pytest.mark.ray)])
def test_either_engine_reads_a_mixed_bucket_to_the_csv_of_the_folder(
    engine: str, mixed: Path, mixed_csv: bytes, tmp_path: Path
) -> None:
    with serving(mixed.parent, "1h") as port:
        where = server.environment(port)
        assert csv_of(f"s3://{mixed.name}", tmp_path, "--engine", engine, **where) == mixed_csv


def test_faults_cost_retries_and_no_row(
    port: int, tmp_path: Path, model: Path, expected: bytes
) -> None:
    with Proxy(port, Faults(throttled=0.05, dropped=0.01)) as proxy:
        where = environment(proxy.port, tmp_path)
        code, _, err = run(where, model, "s3://pictures/in", tmp_path / "out.csv")
    assert (code, unexpected(err)) == (0, "")
    assert (tmp_path / "out.csv").read_bytes() == expected
    assert proxy.throttled > 5
    assert proxy.dropped > 0


def test_latency_is_hidden(port: int, tmp_path: Path, model: Path, expected: bytes) -> None:
    with Proxy(port, Faults(latency_s=0.2)) as proxy:
        where = environment(proxy.port, tmp_path)
        assert run(where, model, "s3://pictures/in", tmp_path / "out.csv")[0] == 0
    assert (tmp_path / "out.csv").read_bytes() == expected
    assert proxy.most_at_once > 16  # far from the 128 allowed, as from the 2 of no reading ahead


def test_an_object_that_never_comes_is_one_row(
    port: int, tmp_path: Path, model: Path, expected: bytes
) -> None:
    with Proxy(port, Faults(broken="/in/3/3.png")) as proxy:
        where = environment(proxy.port, tmp_path)
        assert run(where, model, "s3://pictures/in", tmp_path / "out.csv")[0] == 0
    lines = (tmp_path / "out.csv").read_bytes().splitlines()
    differing = set(lines) - set(expected.splitlines())
    assert differing == {b"3/3.png,,,failed,unreadable: the file can't be read,3"}
    assert len(lines) == len(expected.splitlines())


@pytest.mark.parametrize(
    ("in_dir", "secret", "words"),
    [
        pytest.param("s3://pictures/in", "wrong-secret", "access is denied", id="wrong key"),
        pytest.param("s3://nowhere/in", SECRET, "there is no such bucket", id="no bucket"),
        pytest.param("s3://pictures/nothing", SECRET, "holds no picture file", id="no object"),
    ],
)
def test_what_cannot_be_read_is_exit_3_and_shows_no_secret(
    port: int, tmp_path: Path, model: Path, in_dir: str, secret: str, words: str
) -> None:
    where = environment(port, tmp_path, secret)
    code, out, err = run(where, model, in_dir, tmp_path / "out.csv")
    assert (code, out) == (3, "")
    assert words in err
    assert len(err.splitlines()) == 1
    assert secret not in err
    assert KEY not in err


def test_an_output_that_cannot_be_written_is_exit_8(
    root: Path, port: int, tmp_path: Path, model: Path
) -> None:
    where = environment(port, tmp_path)
    code, _, err = run(where, model, root / "pictures" / "in" / "1", "s3://nowhere/out.csv")
    assert code == 8
    assert err.startswith("batch_predict: can't write s3://nowhere: ")


def test_an_incremental_run_scores_what_has_another_etag(
    root: Path, port: int, tmp_path: Path, model: Path
) -> None:
    save(root / "changing" / "a.png", noise(1))
    save(root / "changing" / "b.png", noise(2))
    where = environment(port, tmp_path)
    given = ("s3://changing", "s3://out/b/out.csv", "--incremental")
    manifest = root / "out" / "b" / "out.run.json"
    kept = []
    for seed in (1, 1, 3):
        save(root / "changing" / "a.png", noise(seed))
        assert run(where, model, *given)[0] == 0
        kept.append(json.loads(manifest.read_text())["kept"])
    assert kept == [0, 2, 1]


def test_a_stopped_run_goes_on(
    root: Path, port: int, tmp_path: Path, model: Path, expected: bytes
) -> None:
    with Proxy(port, Faults(latency_s=0.3)) as proxy:
        where = {**environment(proxy.port, tmp_path), "SECONDS_A_BATCH": "1"}
        given = ("s3://pictures/in", "s3://out/c/out.csv", "--batch-size", "8")
        with start(where, model, *given) as process:
            while not any(map(committed, tmp_path.rglob("*.work"))):
                assert process.poll() is None
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            assert process.wait(100) == 143
            assert process.stderr is not None
            assert "the same command goes on from there" in process.stderr.read()
    where = environment(port, tmp_path)
    assert run(where, model, *given)[0] == 0
    assert (root / "out" / "c" / "out.csv").read_bytes() == expected
    assert json.loads((root / "out" / "c" / "out.run.json").read_text())["kept"] > 0


def test_labels_and_parts_may_lie_in_a_bucket(
    root: Path, port: int, tmp_path: Path, model: Path
) -> None:
    for n in range(6):
        save(root / "labelled" / f"{n}.png", noise(n))
    text = "path,label\n" + "".join(f"{n}.png,{n}\n" for n in range(6))
    (root / "labelled" / "labels.csv").write_text(text)
    (root / "out" / "labels.csv").write_text(text)
    where = environment(port, tmp_path)
    parts = [f"s3://out/d/part-{k}.csv" for k in range(2)]
    for k, part in enumerate(parts):
        given = ("s3://labelled", part, "--shard", f"{k}/2", "--labels", "s3://out/labels.csv")
        assert run(where, model, *given)[0] == 0
    with python(where, "batch_predict.merge", "s3://out/d/out.csv", *parts) as merging:
        assert merging.wait(500) == 0
    given = ("s3://labelled", tmp_path / "whole.csv")
    assert run(where, model, *given)[0] == 0
    assert (root / "out" / "d" / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert (root / "out" / "d" / "out.report.html").exists()
    assert [path for path in tmp_path.iterdir() if path.name.startswith("batch_predict-")] == []


def test_shards_over_many_folders_list_their_own_alone(tmp_path: Path, model: Path) -> None:
    top = tmp_path / "buckets" / "many"
    save(top / "00 é" / "0.png", noise(1))
    for folder in range(42):  # 20 a shard, of 62 keys on average at least
        name = top / f"{folder:02} é"
        name.mkdir(exist_ok=True)
        for n in range(1, 66):
            os.link(top / "00 é" / "0.png", name / f"{n}.png")
    parts = [tmp_path / f"part-{k}.csv" for k in range(2)]
    with serving(top.parent, "1h") as port:
        where = environment(port, tmp_path)
        for k, part in enumerate(parts):
            code, _, err = run(where, model, "s3://many", part, "--shard", f"{k}/2")
            assert (code, unexpected(err)) == (0, "")
    told = [json.loads(part.with_suffix(".run.json").read_text()) for part in parts]
    assert [each["cut"]["by"] for each in told] == ["prefixes"] * 2
    assert sum(each["walked"] for each in told) == 42 * 65 + 1
    with python(where, "batch_predict.merge", tmp_path / "out.csv", *parts) as merging:
        _, err = merging.communicate(timeout=500)
    assert merging.returncode == 0
    assert len(err.splitlines()) == 1
    assert run(where, model, top, tmp_path / "whole.csv")[0] == 0
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert check_below(tmp_path) >= {"part-0.run.json", "part-1.run.json", "out.run.json"}


#: a program without `if __name__ == "__main__"`
PROGRAM = """
import sys
print("top level")
from batch_predict import predict, score
from batch_predict.runtimes import RUNTIMES

RUNTIMES["fake"] = "tests.support.fakes:RUNTIME"
model = {"model": sys.argv[1], "runtime": "fake", "preprocess": "plain"}
counts = score("s3://pictures/in", "out.csv", **model, max_failures="100%", workers=2)["counts"]
print(counts["ok"], predict(["s3://pictures/in/0/0.png"], **model)[0].status)
"""


def test_a_program_is_not_run_again_by_its_workers(
    port: int, tmp_path: Path, model: Path, expected: bytes
) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "program.py", model],
        cwd=tmp_path,
        env={**environment(port, tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("top level\n307 ok\n", "")
    assert (tmp_path / "out.csv").read_bytes() == expected
