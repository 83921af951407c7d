"""Whatever became of a cache on the disk: no row is wrong, and no run ends."""

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

import pytest

from batch_predict.checkpoint import database
from batch_predict.checkpoint.checkpoint_file import Checkpoint
from batch_predict.checkpoint.resume import close_checkpoint, open_checkpoint
from batch_predict.checkpoint.schema import sealed
from batch_predict.options import Options
from batch_predict.records import ImageRef, Row, Status, parse_reasons
from batch_predict.rows import ANSWER, Rows
from batch_predict.runtimes.scale import Scale

MakeOptions = Callable[..., Options]
FINGERPRINT = {"model": "0" * 64, "python": "3.11.7"}
PAGE = 4096  # bytes
SCALE = Scale(0, 255)
THREE = "substr(answer, 1, 1) = x'03'"  # rows whose label is 3
CHANGED = f"CAST(substr(answer, 1, {ANSWER.itemsize - 1}) || x'07' AS BLOB)"


def row(number: int) -> Row:
    ref = ImageRef(f"{number % 7}/picture {number:03}.png", 300, f"300 17{number:05}", number % 10)
    if number % 9 == 4:
        return Row(ref, None, None, Status.FAILED, parse_reasons("corrupt: x"), cause="OSError: y")
    ten = tuple(round((1 + number * digit % 7) / 31, 6) for digit in range(10))
    return Row(ref, number % 10, ten[0], Status.OK, (), ten, number / 200, 0.125)


ROWS = sorted(map(row, range(120)), key=lambda each: each.ref.path)


@pytest.fixture(autouse=True)
def unflushed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here asks what a power cut leaves, and to flush files takes most of the time."""
    settings = database._SETTINGS.replace("NORMAL", "OFF")
    monkeypatch.setattr(database, "_SETTINGS", settings)


@pytest.fixture
def incremental(options: MakeOptions) -> Options:
    return options(incremental=True)


@pytest.fixture
def cache(incremental: Options) -> Path:
    """That of a finished run."""
    score(incremental)
    return Path(f"{incremental.output}.cache")


def score(options: Options) -> int:
    """As a run does it; returns how many rows were scored, for they were not there."""
    by_path = {each.ref.path: each for each in ROWS}
    with open_checkpoint(options, FINGERPRINT) as checkpoint:
        checkpoint.set_refs(each.ref for each in ROWS)
        pending = [ref.path for ref in checkpoint.pending()]
        checkpoint.add(Rows.of(by_path[path] for path in pending))
        if checkpoint.scale is None:
            checkpoint.scale = SCALE
        assert checkpoint.scale == SCALE
        assert list(chain.from_iterable(checkpoint.rows())) == ROWS
        checkpoint.finish(accepts_gone=True)
    close_checkpoint(options, checkpoint)
    return len(pending)


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


@pytest.mark.parametrize(
    ("statement", "scored"),
    [
        pytest.param(f"UPDATE rows SET answer = {CHANGED} WHERE {THREE}", 10, id="answers"),
        pytest.param(f"UPDATE rows SET answer = x'03' WHERE {THREE}", 10, id="short answers"),
        pytest.param(f"UPDATE rows SET answer = 'no' WHERE {THREE}", 10, id="no answers"),
        pytest.param(f"UPDATE rows SET reason = 'no' WHERE {THREE}", 10, id="no reason"),
        pytest.param(f"UPDATE rows SET reason = x'ff' WHERE {THREE}", 10, id="a blob"),
        pytest.param(f"UPDATE rows SET cause = CAST(x'ff' AS TEXT) WHERE {THREE}", 10, id="UTF-8"),
        pytest.param(f"UPDATE rows SET answer = NULL WHERE {THREE}", 10, id="NULL"),
        pytest.param(f"UPDATE rows SET is_transient = 1 WHERE {THREE}", 10, id="transience"),
        pytest.param(f"UPDATE rows SET version = '1' WHERE {THREE}", 10, id="versions"),
        pytest.param(f"UPDATE rows SET path = path || 'x' WHERE {THREE}", 10, id="paths"),
        pytest.param(f"UPDATE rows SET checksum = checksum + 1 WHERE {THREE}", 10, id="checksums"),
        pytest.param("UPDATE rows SET checksum = NULL", 120, id="all checksums"),
        pytest.param("UPDATE finished SET path = CAST(path AS BLOB)", 0, id="finished paths"),
        pytest.param("UPDATE refs SET truth = 3, size = 'x', version = x'ff'", 0, id="refs"),
        pytest.param("INSERT INTO walk VALUES (x'ff', 'x', 7, 7, 'x', 7)", 0, id="a walk"),
        pytest.param("UPDATE scale SET high = 1", 0, id="the scale"),
        pytest.param("DELETE FROM scale", 0, id="no scale"),
        pytest.param("UPDATE fingerprint SET json = NULL", 120, id="a fingerprint NULL"),
        pytest.param("UPDATE fingerprint SET json = '{}'", 120, id="another fingerprint"),
        pytest.param("UPDATE fingerprint SET json = 7", 120, id="a number as fingerprint"),
        pytest.param("UPDATE fingerprint SET json = x'ff'", 120, id="bytes as fingerprint"),
        pytest.param("UPDATE fingerprint SET checksum = 'x'", 120, id="its checksum"),
        pytest.param("DELETE FROM fingerprint", 120, id="no fingerprint"),
        pytest.param("INSERT INTO fingerprint SELECT * FROM fingerprint", 120, id="two of them"),
        pytest.param("DROP TABLE fingerprint", 120, id="no table of it"),
        pytest.param("DROP TABLE rows", 120, id="no table of rows"),
        pytest.param("ALTER TABLE rows RENAME COLUMN answer TO x", 120, id="another column"),
        pytest.param("CREATE VIEW x AS SELECT 1", 120, id="a view"),
        pytest.param("CREATE INDEX x ON rows (answer)", 120, id="an index"),
        pytest.param("PRAGMA journal_mode = WAL", 120, id="another kind of journal"),
    ],
)
def test_what_was_changed_is_scored_again(
    incremental: Options,
    cache: Path,
    statement: str,
    scored: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    execute(cache, statement)
    spoilt = cache.read_bytes()
    assert score(incremental) == scored
    if scored:
        (said,) = caplog.messages
        assert said.startswith(f"{cache} is set aside as {cache}.old: ")
        assert ("10 of its 120 rows are damaged, and scored again" in said) is (scored == 10)
        assert Path(f"{cache}.old").read_bytes() == spoilt
    else:
        assert caplog.messages == []
    assert score(incremental) == 0


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[]", "null", "7", '"x"', "{", "NaN", '{"model": ' + "9" * 5000 + "}"]
)
def test_a_fingerprint_that_somebody_sealed(incremental: Options, cache: Path, text: str) -> None:
    with closing(sqlite3.connect(cache, isolation_level=None)) as db:
        db.execute("DELETE FROM fingerprint")
        db.execute("INSERT INTO fingerprint VALUES (?, ?)", sealed((text,)))
    assert score(incremental) == 120
    assert score(incremental) == 0


def test_what_no_kill_left_is_not_played_back(incremental: Options, cache: Path) -> None:
    """A journal of another file, beside the place where the cache will lie."""
    work = cache.parent / ".out.csv.work"
    with closing(sqlite3.connect(work, isolation_level=None)) as db:
        db.execute(f"PRAGMA page_size = {PAGE}")
        db.execute("CREATE TABLE x (y)")
        db.execute("INSERT INTO x VALUES (zeroblob(500000))")
        db.execute("PRAGMA cache_spill = 1")
        db.execute("PRAGMA cache_size = 1")
        db.execute("BEGIN")
        db.execute("UPDATE x SET y = zeroblob(499999)")
        shutil.copy(f"{work}-journal", cache.parent / "journal")
    work.unlink()
    (cache.parent / "journal").rename(f"{work}-journal")
    assert score(incremental) == 0


def test_a_whole_file_left_by_a_kill_in_repair(incremental: Options, cache: Path) -> None:
    shutil.copy(cache, cache.parent / ".out.csv.work.new")
    execute(cache, f"UPDATE rows SET answer = zeroblob({ANSWER.itemsize}) WHERE {THREE}")
    assert score(incremental) == 10
    assert sorted(path.name for path in cache.parent.iterdir()) == [
        "out.csv.cache",
        "out.csv.cache.old",
    ]


def garbled(whole: bytes, chance: random.Random) -> Iterator[bytes]:
    """The file with a bit or byte changed, zeros, noise, a piece moved, doubled or lost."""
    size = len(whole)
    for _ in range(20):
        at = chance.randrange(size)
        yield whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(8)]) + whole[at + 1 :]
        long = chance.choice([1, 2, 7, 100, PAGE])
        noise = chance.choice([chance.randbytes(long), bytes(long), b"\xff" * long])
        yield whole[:at] + noise + whole[at + long :]
        other = chance.randrange(size)
        yield whole[:at] + whole[other : other + long] + whole[at + long :]
        page, another = (PAGE * (place // PAGE) for place in (at, other))
        yield whole[:page] + whole[another : another + PAGE] + whole[page + PAGE :]
        yield whole[:at]


def header_garbled(whole: bytes) -> Iterator[bytes]:
    """The file with each byte of its header changed."""
    for at in range(100):
        for value in {0, 1, 2, 3, 4, 0x40, 0xFF} - {whole[at]}:
            yield whole[:at] + bytes([value]) + whole[at + 1 :]


@pytest.mark.parametrize("seed", [0, pytest.param(range(1, 8), marks=pytest.mark.slow)])
def test_whatever_is_garbled_no_row_is_wrong_and_no_run_ends(
    incremental: Options, cache: Path, seed: int | range
) -> None:
    whole = cache.read_bytes()
    seeds = (seed,) if isinstance(seed, int) else seed
    for each in seeds:
        for spoilt in garbled(whole, random.Random(each)):
            cache.write_bytes(spoilt)
            score(incremental)


@pytest.mark.parametrize("name", [b"table", b"fingerprint", b"CREATE TABLE rows"])
def test_a_schema_that_is_no_text(incremental: Options, cache: Path, name: bytes) -> None:
    """SQLite quotes it in its message, which Python can't read then."""
    whole = cache.read_bytes()
    at = whole.index(name)
    cache.write_bytes(whole[:at] + b"\xff\xc6" + whole[at + 2 :])
    assert score(incremental) == 120


@pytest.mark.slow
def test_whatever_its_header_says(incremental: Options, cache: Path) -> None:
    whole = cache.read_bytes()
    for spoilt in header_garbled(whole):
        cache.write_bytes(spoilt)
        score(incremental)
        assert score(incremental) == 0


def test_no_value_that_a_row_may_have_looks_garbled(incremental: Options) -> None:
    ref = ImageRef("a", 1, None)
    odd = Row(
        ref, 0, 1.0, Status.OK, (), (1.0, 0.0, 1e-6, *(0.5,) * 7), 1e-6, 0.0, "é\n\U0001f600\0x"
    )
    with Checkpoint(f"{incremental.output}.cache", FINGERPRINT) as checkpoint:
        checkpoint.set_refs([ref])
        checkpoint.add(Rows.of([odd]))
    with open_checkpoint(incremental, FINGERPRINT) as checkpoint:
        checkpoint.set_refs([ref])
        assert list(chain.from_iterable(checkpoint.rows())) == [odd]
