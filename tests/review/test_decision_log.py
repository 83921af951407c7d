"""A decision is on the disk when it is kept, whole or not at all."""

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from batch_predict.decisions.decision import Decided, Decision
from batch_predict.decisions.decisions_file import header_line, row_line
from batch_predict.errors import OutputError
from batch_predict.review.decision_log import DecisionLog

HEADER = header_line()
ONE, TWO = "1" * 64, "2" * 64


def decided(content: str, decision: str = "7", second: int = 0, note: str = "") -> Decided:
    at = f"2026-11-27T01:00:{second:02d}Z"
    return Decided("a.png", content, Decision(decision), at, "me", note)


def text(*lines: Decided) -> str:
    return HEADER + "".join(map(row_line, lines))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "out.decisions.csv"


def test_no_file_is_made_before_the_first_decision(path: Path) -> None:
    assert len(DecisionLog(str(path))) == 0
    assert not path.exists()


def test_decisions_are_lines_behind_those_that_were_there(path: Path) -> None:
    path.write_text(text(decided(ONE)))
    log = DecisionLog(str(path))
    log.add([decided(TWO, "none", 1), decided(ONE, "3", 2)])
    log.add([decided(TWO, "4", 3)])
    both = [decided(TWO, "none", 1), decided(TWO, "4", 3)]
    # Decided on before, both lines stay; a change of mind since is one line.
    assert path.read_text() == text(decided(ONE), decided(ONE, "3", 2), both[1])
    assert (log.before(TWO), log.own(TWO)) == ([], [(1, both[0]), (2, both[1])])
    assert (log.before(ONE), log.own(ONE)) == ([decided(ONE)], [(1, decided(ONE, "3", 2))])
    assert (len(log), log.made) == (2, 2)


def test_what_a_killed_program_kept_and_is_sent_again_is_said_once(path: Path) -> None:
    path.write_text(text(decided(ONE, "3", 5), decided(ONE, "7", 1)))
    log = DecisionLog(str(path))
    log.add([decided(ONE, "3", 9)])
    assert path.read_text() == text(decided(ONE, "3", 5), decided(ONE, "7", 1))
    log.add([decided(ONE, "7", 9)])  # the earlier one does not count: this is a change of mind
    log.add([decided(ONE, "3", 10)])  # as before, but there was another meanwhile
    assert path.read_text().endswith(row_line(decided(ONE, "3", 10)))
    assert (len(log), log.made) == (1, 1)


def test_what_is_taken_back_is_gone_and_the_one_before_counts_again(path: Path) -> None:
    path.write_text(text(decided(ONE)))
    log = DecisionLog(str(path))
    log.add([decided(TWO), decided(ONE, "3", 1)])
    log.add([decided(TWO, "8", 2)])
    log.drop([TWO])
    assert path.read_text() == text(decided(ONE), decided(ONE, "3", 1), decided(TWO))
    log.drop([ONE, TWO])
    assert path.read_text() == text(decided(ONE))
    assert (log.own(ONE), log.own(TWO)) == ([], [])
    assert (len(log), log.made) == (1, 0)


def test_what_others_decided_is_not_taken_back(path: Path) -> None:
    path.write_text(text(decided(ONE)))
    log = DecisionLog(str(path))
    log.add([decided(ONE, "3", 1)])
    path.write_text(text(decided(ONE), decided(ONE, "4", 2)))  # in another program
    log.drop([ONE])
    log.drop([ONE])
    assert path.read_text() == text(decided(ONE), decided(ONE, "4", 2))


@pytest.mark.parametrize(
    ("before", "cut", "after"),
    [
        pytest.param(text(decided(ONE)), "a.png,22", text(decided(ONE)), id="half a line"),
        pytest.param(text(), '"a,b,c,d,e,f', text(), id="in the middle of a quoted path"),
        pytest.param(HEADER[:9], "", "", id="half a header"),
        pytest.param("", "", "", id="nothing"),
    ],
)
def test_half_a_line_that_a_crash_left_is_removed_and_said(
    path: Path, caplog: pytest.LogCaptureFixture, before: str, cut: str, after: str
) -> None:
    path.write_text(before + cut)
    log = DecisionLog(str(path))
    assert path.read_text() == after
    assert ("was cut off" in caplog.text) == (after != before + cut)
    log.add([decided(TWO)])
    assert path.read_text() == (after or HEADER) + row_line(decided(TWO))


def test_a_whole_line_without_its_end_stays(path: Path) -> None:
    path.write_text(text(decided(ONE)).removesuffix("\n"))
    DecisionLog(str(path)).add([decided(TWO)])
    assert path.read_text() == text(decided(ONE), decided(TWO))


def test_a_file_of_others_is_not_cut(path: Path) -> None:
    path.write_text("path,label\na.png")
    with pytest.raises(Exception, match="line 1"):
        DecisionLog(str(path))
    assert path.read_text() == "path,label\na.png"


@pytest.fixture
def small_files() -> Iterator[int]:
    """A limit on the size of files, as of a disk that is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = len(text(decided(ONE))) + 20
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    yield size
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.usefixtures("small_files")
def test_what_finds_no_room_leaves_no_trace(path: Path) -> None:
    log = DecisionLog(str(path))
    log.add([decided(ONE)])
    with pytest.raises(OutputError, match=r"can't write .*out\.decisions\.csv: "):
        log.add([decided(TWO)])
    assert path.read_text() == text(decided(ONE))
    assert list(path.parent.iterdir()) == [path]
    assert (log.own(ONE), log.own(TWO)) == ([(1, decided(ONE))], [])


@pytest.mark.usefixtures("small_files")
def test_a_first_decision_that_finds_no_room_leaves_no_file(path: Path) -> None:
    log = DecisionLog(str(path))
    with pytest.raises(OutputError, match=r"can't write .*out\.decisions\.csv: "):
        log.add([decided(ONE), decided(TWO)])
    assert list(path.parent.iterdir()) == []


def test_what_is_not_flushed_is_not_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = DecisionLog(str(path))
    log.add([decided(ONE)])

    def fail(file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError, match="Input/output error"):
        log.add([decided(TWO)])
    assert path.read_text() == text(decided(ONE))


def test_threads_do_not_mix_their_lines(path: Path) -> None:
    log = DecisionLog(str(path))
    all_of_them = [decided(f"{n:064d}", note="x" * n) for n in range(40)]
    parts = [all_of_them[at::4] for at in range(4)]
    threads = [
        Thread(target=lambda part=part: [log.add([each]) for each in part]) for part in parts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    header, *lines = path.read_text().splitlines(keepends=True)
    assert (header, sorted(lines)) == (HEADER, sorted(map(row_line, all_of_them)))


DECIDES = """
import itertools, sys
from batch_predict.decisions.decision import Decided, Decision
from batch_predict.review.decision_log import DecisionLog
log = DecisionLog(sys.argv[1])
for n in itertools.count():
    log.add([Decided("a.png", f"{n:064d}", Decision("7"), "2026-11-27T01:00:00Z")])
    print(n, flush=True)
"""


def test_killed_in_the_middle_no_decision_is_lost(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", DECIDES, str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        while process.stdout.readline() != "20\n":
            pass
        process.send_signal(signal.SIGKILL)
        last = int(("20\n" + process.stdout.read()).split()[-1])
    DecisionLog(str(path))  # which mends what it finds
    kept = [int(line.split(",")[1]) for line in path.read_text().splitlines()[1:]]
    assert kept in (list(range(last + 1)), list(range(last + 2)))  # the last may be unsaid
