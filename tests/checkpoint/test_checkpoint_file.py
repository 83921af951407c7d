"""The work file keeps what is finished, and only what still holds."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain
from pathlib import Path

import pytest

from batch_predict.checkpoint import checkpoint_file, database
from batch_predict.checkpoint.checkpoint_file import Checkpoint
from batch_predict.errors import InputError, LockedError, OutputError
from batch_predict.records import ImageRef, Row, Status, parse_reasons
from batch_predict.rows import Rows
from batch_predict.runtimes.scale import Scale


def ref(path: str, version: str | None = "1") -> ImageRef:
    return ImageRef(path, 1, version, 7)


def row(path: str, reason: str = "", version: str | None = "1") -> Row:
    ten = tuple(float(digit == 3) for digit in range(10))
    if reason:
        reasons = parse_reasons(reason)
        return Row(ref(path, version), None, None, Status.FAILED, reasons, cause="OSError: torn")
    read = ref(path, version)._replace(content_sha256=bytes(range(32)))
    return Row(read, 3, 1.0, Status.OK, (), ten, 0.25, 0.125)


@pytest.fixture
def work(tmp_path: Path) -> Checkpoint:
    return Checkpoint(str(tmp_path / "work"), {})


def test_rows_come_back_whole_and_in_order(work: Checkpoint) -> None:
    with work:
        paths = ["a", "Z", "\uffff", "\U0001f600", "é", "a/b", "=1"]
        work.set_refs(map(ref, paths))
        work.add(Rows.of([row(path) for path in paths[:4]]))
        work.add(Rows.of([row(path, "corrupt: cut short") for path in paths[4:]]))
        rows = list(chain.from_iterable(work.rows()))
        assert [r.ref.path for r in rows] == sorted(paths)
        assert rows == sorted(
            [row(path) for path in paths[:4]]
            + [row(path, "corrupt: cut short") for path in paths[4:]],
            key=lambda r: r.ref.path,
        )


def test_a_walk_is_put_aside_whole_until_its_refs_are_found(work: Checkpoint) -> None:
    def broken() -> Iterator[ImageRef]:
        yield ref("c")
        raise KeyboardInterrupt

    with work:
        work.store_walk(map(ref, "ab"))
        with pytest.raises(KeyboardInterrupt):
            work.store_walk(broken())
        assert list(work.stored_walk()) == [ref(path) for path in "ab"]
        work.set_refs(each._replace(truth=7) for each in work.stored_walk() if each.path != "a")
        assert list(work.pending()) == [ref("b")]
        assert list(work.stored_walk()) == []


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        pytest.param(None, None, id="not said"),
        pytest.param(0, 0, id="nothing"),
        pytest.param(2**63 - 1, 2**63 - 1, id="SQLite's largest"),
        pytest.param(2**63, 2**63 - 1, id="one more"),
        pytest.param(2**64 - 1, 2**63 - 1, id="a bucket's largest"),
        pytest.param(-1, 2**63 - 1, id="a driver whose sizes wrap"),
    ],
)
def test_no_size_is_too_large_to_keep(work: Checkpoint, size: int | None, kept: int | None) -> None:
    found = ImageRef("a", size, f"{size} 1")
    with work:
        work.store_walk([found])
        work.set_refs(work.stored_walk())
        assert list(work.pending()) == [found._replace(size=kept)]


@pytest.mark.parametrize(
    ("kept", "found"),
    [
        pytest.param(row("a"), [ref("a")], id="unchanged"),
        pytest.param(row("a", "corrupt: x"), [ref("a")], id="a failure that stays"),
        pytest.param(row("a", "not_an_image: x"), [ref("a")], id="another"),
        pytest.param(row("a", version=None), [ref("a", None)], id="no version then or now"),
    ],
)
def test_rows_that_hold_are_kept(work: Checkpoint, kept: Row, found: list[ImageRef]) -> None:
    with work:
        work.set_refs([kept.ref])
        work.add(Rows.of([kept]))
        work.set_refs(found)
        assert list(work.pending()) == []
        assert list(chain.from_iterable(work.rows())) == [kept]


@pytest.mark.parametrize(
    ("outdated", "found"),
    [
        pytest.param(row("a"), [ref("a", "2")], id="another version"),
        pytest.param(row("a", version=None), [ref("a")], id="a version that was not known"),
        pytest.param(row("a"), [ref("a", None)], id="a version that is not known now"),
        pytest.param(row("a"), [ref("b")], id="gone"),
        pytest.param(row("a", "vanished: x"), [ref("a")], id="vanished"),
        pytest.param(row("a", "unreadable: x"), [ref("a")], id="unreadable"),
        pytest.param(row("a", "timeout: x"), [ref("a")], id="timeout"),
        pytest.param(row("a", "out_of_memory: x"), [ref("a")], id="out of memory"),
        pytest.param(row("a", "decoder_crashed: x"), [ref("a")], id="decoder crashed"),
    ],
)
def test_rows_that_do_not_hold_are_dropped(
    work: Checkpoint, outdated: Row, found: list[ImageRef]
) -> None:
    with work:
        work.set_refs([outdated.ref])
        work.add(Rows.of([outdated]))
        work.set_refs(found)
        assert list(work.pending()) == found
        assert list(chain.from_iterable(work.rows())) == []


def test_an_empty_folder_costs_no_row_and_counts_none(work: Checkpoint) -> None:
    with work:
        work.set_refs([ref("a")])
        work.add(Rows.of([row("a")]))
        work.set_refs([])
        assert (work.ref_count, work.row_count) == (0, 0)
    with Checkpoint(work.path, {}) as again:
        again.set_refs([ref("a")])
        assert (again.ref_count, again.row_count) == (1, 1)


def test_rows_may_be_added_while_refs_are_fetched(
    work: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint_file, "_PAGE", 2)
    paths = list("abcdefg")
    with work:
        work.set_refs(map(ref, paths))
        seen = []
        for pending in work.pending():
            seen.append(pending.path)
            work.add(Rows.of([row(pending.path)]))
        assert seen == paths


def test_what_is_a_second_old_survives_a_kill(
    work: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = database.time.monotonic()
    monkeypatch.setattr(database.time, "monotonic", lambda: now)

    def survivors() -> int:
        with closing(sqlite3.connect(work.path)) as db:
            return int(db.execute("SELECT count(*) FROM rows").fetchone()[0])

    with work:
        work.set_refs(map(ref, "abc"))
        work.add(Rows.of([row("a")]))
        assert survivors() == 0
        now += 1.1
        work.add(Rows.of([row("b")]))
        assert survivors() == 2
        work.add(Rows.of([row("c")]))
        assert survivors() == 2
    assert survivors() == 3


def test_an_interrupted_walk_changes_nothing(work: Checkpoint) -> None:
    def broken() -> Iterator[ImageRef]:
        yield ref("b")
        raise KeyboardInterrupt

    with work:
        work.set_refs([ref("a")])
        work.add(Rows.of([row("a")]))
        with pytest.raises(KeyboardInterrupt):
            work.set_refs(broken())
        assert list(chain.from_iterable(work.rows())) == [row("a")]


def test_the_scale_is_kept(work: Checkpoint) -> None:
    with work:
        work.set_refs([ref("a")])
        work.add(Rows.of([row("a")]))
        assert work.scale is None
        work.scale = Scale(0, 255)
        work.scale = Scale(-0.5, 0.5)
    with Checkpoint(work.path, {}) as again:
        assert again.scale == (-0.5, 0.5)


def test_without_a_row_there_is_nothing_to_keep(work: Checkpoint, tmp_path: Path) -> None:
    with work:
        work.set_refs([ref("a")])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("paths", ["aa", "aba", "abcc"])
def test_a_path_twice_is_the_fault_of_what_was_listed(work: Checkpoint, paths: str) -> None:
    with work:
        work.set_refs([ref("z")])
        with pytest.raises(InputError, match=f"two files have the path {paths[-1]}: it was listed"):
            work.set_refs(map(ref, paths))
        assert list(work.pending()) == [ref("z")]


def test_a_row_twice_is_a_bug_and_no_fault_of_the_disk(work: Checkpoint) -> None:
    with work, pytest.raises(sqlite3.IntegrityError):
        work.add(Rows.of([row("a"), row("a")]))


@pytest.mark.parametrize("path", ["a", "b"])  # which the other run has not scored, and has
def test_of_two_runs_that_write_one_file_one_goes_on(work: Checkpoint, path: str) -> None:
    """As where the lock file of the first was removed."""
    work.set_refs(map(ref, "ab"))
    with Checkpoint(work.path, {}) as other:
        other.add(Rows.of([row("b")]))
        other.set_refs(map(ref, "ab"))  # its row is on the disk now
        with pytest.raises(LockedError, match="another run is writing this output"), work:
            work.add(Rows.of([row(path)]))
        other.add(Rows.of([row("a")]))
        assert [each.ref.path for each in chain.from_iterable(other.rows())] == ["a", "b"]


def test_a_file_that_cannot_be_made(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "work"
    with pytest.raises(OutputError, match=f"work file {path}: unable to open"):
        Checkpoint(str(path), {})


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param("PRAGMA max_page_count = 1", id="while it is begun"),
        pytest.param("BEGIN EXCLUSIVE; no SQL", id="while it is set up"),
    ],
)
def test_a_file_that_cannot_be_begun_locks_nobody_out(
    settings: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "work")
    with monkeypatch.context() as patched:
        patched.setattr(database, "_SETTINGS", settings)
        with pytest.raises(OutputError) as caught:
            Checkpoint(path, {})
    with Checkpoint(path, {}) as work:  # while the error holds the first one
        work.set_refs([ref("a")])
    assert caught.value


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(lambda work: list(work.pending()), id="pending"),
        pytest.param(lambda work: list(chain.from_iterable(work.rows())), id="rows"),
        pytest.param(lambda work: work.ref_count, id="refs counted"),
        pytest.param(lambda work: work.row_count, id="rows counted"),
        pytest.param(lambda work: work.__exit__(), id="left"),
    ],
)
def test_a_damaged_file_is_said(work: Checkpoint, use: Callable[[Checkpoint], object]) -> None:
    with work:
        work.set_refs([ref("a"), ref("b")])
        work.add(Rows.of([row("a")]))
    damaged = Checkpoint(work.path, {})
    os.truncate(work.path, 4096)  # bytes: its first page
    with (
        closing(damaged._db),
        pytest.raises(OutputError, match=f"work file {work.path}: database disk image"),
    ):
        use(damaged)


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda work, refs: work.store_walk(refs), id="walk"),
        pytest.param(lambda work, refs: work.set_refs(refs), id="find"),
        pytest.param(
            lambda work, refs: work.add(Rows.of(row(each.path) for each in refs)), id="add"
        ),
    ],
)
def test_a_full_disk_is_said_of_the_file(
    work: Checkpoint, write: Callable[[Checkpoint, list[ImageRef]], None]
) -> None:
    with work:
        work._db.execute("PRAGMA max_page_count = 1")  # no larger than it is
        with pytest.raises(OutputError, match=f"work file {work.path}: database or disk is full"):
            write(work, [ref(f"{number}.png") for number in range(1000)])
