import errno
import os
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from batch_predict.errors import OutputError
from batch_predict.storage.staging import staging


def test_nothing_appears_before_commit(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("old")
    with staging() as staged:
        Path(staged.add(str(target))).write_text("new")
        assert target.read_text() == "old"
        staged.commit()
        assert target.read_text() == "new"
    assert os.listdir(tmp_path) == ["out.csv"]


def test_an_error_leaves_the_old_files_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_text("old")
    with pytest.raises(UnicodeEncodeError), staging() as staged:
        Path(staged.add(str(target))).write_text("half\udc80", encoding="utf-8")
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["out.csv"]


def test_the_first_added_is_renamed_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    renamed: list[str] = []
    replace = os.replace
    monkeypatch.setattr(
        os, "replace", lambda a, b: (renamed.append(os.path.basename(b)), replace(a, b))
    )
    with staging() as staged:
        for name in ("out.csv", "out.report.json", "out.run.json"):
            Path(staged.add(str(tmp_path / name))).write_text(name)
        staged.commit()
    assert renamed == ["out.run.json", "out.report.json", "out.csv"]


def test_a_replaced_file_keeps_its_mode_and_a_new_one_takes_the_umask(tmp_path: Path) -> None:
    old = tmp_path / "old.csv"
    old.write_text("old")
    old.chmod(0o640)
    umask = os.umask(0o027)
    try:
        with staging() as staged:
            for name in ("old.csv", "new.csv"):
                Path(staged.add(str(tmp_path / name))).write_text("x")
            staged.commit()
    finally:
        os.umask(umask)
    assert oct(old.stat().st_mode & 0o777) == "0o640"
    assert oct((tmp_path / "new.csv").stat().st_mode & 0o777) == "0o640"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "out.csv"
    link.symlink_to("real/data.csv")
    with staging() as staged:
        Path(staged.add(str(link))).write_text("new")
        staged.commit()
    assert link.is_symlink()
    assert (tmp_path / "real/data.csv").read_text() == "new"


def test_stale_files_go_with_the_commit(tmp_path: Path) -> None:
    stale = tmp_path / "out.report.html"
    stale.write_text("of another run")
    with staging() as staged:
        staged.remove(str(stale))
        assert stale.exists()
        staged.commit()
    assert not stale.exists()


def test_an_os_error_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No such file or directory"), staging() as staged:
        Path(staged.add(str(tmp_path / "missing" / "out.csv"))).write_text("x")


def test_two_runs_may_share_a_target(tmp_path: Path) -> None:
    target = tmp_path / "x.prom"
    with staging("a.csv") as one, staging("b.csv") as other:
        for staged in (one, other):
            Path(staged.add(str(target))).write_text("whole")
        one.commit()
        other.commit()
    assert target.read_text() == "whole"
    assert os.listdir(tmp_path) == ["x.prom"]


NOT_OFFERED = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.ENOTTY)
DENIED = (errno.EPERM, errno.EACCES)
FAILED = (errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.ESTALE, errno.EROFS)


def fails(name: str, code: int, *, folders: bool) -> Callable[..., Any]:
    """`os.NAME`, which fails with `code` for folders, or for files."""
    real = getattr(os, name)

    def failing(what: Any, *arguments: Any, **keywords: Any) -> Any:
        if os.path.isdir(f"/proc/self/fd/{what}" if isinstance(what, int) else what) is folders:
            raise OSError(code, os.strerror(code))
        return real(what, *arguments, **keywords)

    return failing


@pytest.mark.parametrize(
    ("call", "folders", "codes", "well"),
    [
        pytest.param("fsync", True, (*NOT_OFFERED, *DENIED), True, id="flush of a folder"),
        pytest.param("fsync", True, FAILED, False, id="flush of a folder that failed"),
        pytest.param("fsync", False, NOT_OFFERED, True, id="flush of a file"),
        pytest.param("fsync", False, (*FAILED, *DENIED), False, id="flush of a file that failed"),
        pytest.param("open", True, DENIED, True, id="a folder that nobody may list"),
        pytest.param("open", True, FAILED, False, id="a folder that went away"),
        pytest.param("chmod", False, (*NOT_OFFERED, *DENIED), True, id="a fixed mode"),
        pytest.param("chmod", False, FAILED, False, id="a mode that failed to be set"),
    ],
)
def test_what_a_file_system_does_not_offer_is_no_failure(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    folders: bool,
    codes: tuple[int, ...],
    well: bool,
) -> None:
    target = tmp_path / "out.csv"
    target.write_text("old")
    for code in codes:
        with monkeypatch.context() as patched:
            patched.setattr(os, call, fails(call, code, folders=folders))
            words = pytest.raises(OutputError, match=os.strerror(code))
            with nullcontext() if well else words, staging() as staged:
                Path(staged.add(str(target))).write_text(f"new {code}")
                staged.commit()
        assert not well or target.read_text() == f"new {code}"
        assert os.listdir(tmp_path) == ["out.csv"]


def test_what_lies_where_a_file_is_to_be_written_is_not_written_to(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("as it was")
    with staging() as staged:
        temp = Path(staged.add(str(tmp_path / "out.csv")))
    temp.symlink_to(precious)
    with staging() as staged:
        Path(staged.add(str(tmp_path / "out.csv"))).write_text("new")
        staged.commit()
    assert precious.read_text() == "as it was"
    assert (tmp_path / "out.csv").read_text() == "new"
