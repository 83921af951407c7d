"""Archives that mean no good: a row or an error says so; no crash, no file, no gigabyte."""

import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from batch_predict.errors import ExitCode, InputError
from batch_predict.job import score_folder
from batch_predict.options import Options
from tests.broken.archives import HOSTILE, ITSELF, PICTURE, Hostile
from tests.support.here import OneByOne
from tests.support.peak import forget_own_peak, own_peak_mib

#: more than this process holds, in which other tests were: a run alone is to stay under a gigabyte
MOST_MIB: Final = 768
MOST_CPU_S: Final = 20


def outcome(options: Options, before: set[Path]) -> tuple[ExitCode, dict[str, str]]:
    """How a run ended, and its rows' paths and codes; it leaves nothing but its outputs."""
    held_mib = forget_own_peak()
    begun = time.process_time()
    try:
        code = score_folder(options).exit_code
    except InputError:
        code = ExitCode.INPUT
    assert time.process_time() - begun < MOST_CPU_S
    assert own_peak_mib() - held_mib < MOST_MIB
    out = Path(options.output)
    made = set(out.parent.rglob("*")) - before
    assert {path.name.split(".")[0] for path in made} <= {"out"}
    if code == ExitCode.INPUT:
        return code, {}
    with open(out, encoding="utf-8", newline="") as file:
        return code, {row["path"]: row["reason"].split(":")[0] for row in csv.DictReader(file)}


@pytest.mark.slow
@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)
def test_an_archive_that_means_no_good(
    hostile: Hostile, tmp_path: Path, options: Callable[..., Options], engine: OneByOne
) -> None:
    csv.field_size_limit(1 << 20)
    file = tmp_path / "in" / hostile.name
    file.parent.mkdir()
    file.write_bytes(hostile.make())
    (tmp_path / "in" / "good.pgm").write_bytes(PICTURE)
    before = set(tmp_path.rglob("*"))
    codes = {path: str(code or "") for path, code in hostile.rows.items()}
    given = options(engine="here", archives=True, no_labels=True)
    expected = {path: code for path, code in codes.items() if path != ITSELF}

    exit_code, rows = outcome(given, before)
    itself = {hostile.name: codes[ITSELF]} if ITSELF in codes else {}
    below = {to_csv_below(hostile.name, path): code for path, code in expected.items()}
    assert rows == {**below, **itself, "good.pgm": ""}
    failed = any(codes.values())
    assert exit_code == (ExitCode.FAILURES if failed else ExitCode.OK)

    exit_code, rows = outcome(options(in_dir=str(file), engine="here", no_labels=True), before)
    if expected or hostile.breaks_off:
        assert rows == {**expected, **itself}
        assert exit_code == (ExitCode.FAILURES if failed else ExitCode.OK)
    else:
        assert exit_code == ExitCode.INPUT


def to_csv_below(name: str, path: str) -> str:
    """The written `path` of a member, below the archive `name`."""
    return f"{name}/{path.removeprefix('./')}"
