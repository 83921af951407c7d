"""What may be replaced: a file that this program wrote, and never an input.

A run replaces its outputs every night, so it has to know them again. Each kind carries a mark; of
what 1.0.0 left without one, the manifest beside it tells.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from io import BufferedReader
from typing import Any, BinaryIO, Final

from batch_predict.audit.plan import SCHEMA as AUDIT_SCHEMA
from batch_predict.errors import MissingExtraError, OutputError, UsageError
from batch_predict.process.run_status import SCHEMA as STATUS_SCHEMA
from batch_predict.storage import local, locate
from batch_predict.storage.output_paths import manifest_file
from batch_predict.storage.picture_names import PICTURE_SUFFIXES
from batch_predict.storage.staging import check_target
from batch_predict.tables.columns import begins_as_ours
from batch_predict.tables.registry import WRITERS, read_names

GENERATOR: Final = "batch_predict"  # of a page, in its head; of a sheet, its text `Software`
SCHEMA: Final = "batch_predict.report/1"  # of the report's figures
_SCHEMAS: Final = (SCHEMA, STATUS_SCHEMA, AUDIT_SCHEMA)
METRIC: Final = "batch_predict_"  # every metric's name begins so
_PAGE_MARK: Final = f'<meta name="generator" content="{GENERATOR}'.encode()
_SHEET_MARK: Final = f"tEXtSoftware\0{GENERATOR}".encode()
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_HEAD: Final = 4096  # bytes: the marks are at the beginning
_LONGEST: Final = 1 << 26  # bytes of JSON or metrics of ours; what is longer is none
_METRIC_LINE: Final = re.compile(rf"(?:# (?:HELP|TYPE|UNIT) )?{METRIC}|# EOF$|$")
# The sheets of 1.0.0 have no text: four cells of two pictures of 140 pixels across, RGB.
_SHEET_OF_1_0: Final = re.compile(
    rb"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (1120).to_bytes(4, "big") + rb"[\s\S]{4}\x08\x02\0\0\0"
)


def check_replaceable(
    targets: Iterable[str],
    inputs: Mapping[str, str | None],
    *,
    output: str,
    overwrite: bool,
    in_dir: str | None = None,
) -> None:
    """Try whether what lies at `targets`, beside and with `output`, may be replaced.

    `inputs` are files that are read, by what a message calls them. A picture in `in_dir` is one
    too. Nothing of `inputs` is ever replaced; with `overwrite`, any other file.

    Raises:
        UsageError: an input is among `targets`, or a file that this program did not write.
        OutputError: a target can't be looked at, or is no file.
    """
    targets = sorted(targets)
    check_kept(targets, inputs)
    for target in targets:
        try:
            if is_ours(target, output):
                continue
        except OSError as error:
            raise OutputError(f"can't write {target}: {error.strerror}") from error
        if in_dir is not None and _is_picture(target, in_dir):
            raise UsageError(f"{target} is a picture to score, which no output replaces")
        if not overwrite:
            raise UsageError(
                f"{target} is there already and is not an output of batch_predict:"
                " name another file, or say --overwrite"
            )


def check_kept(targets: Iterable[str], inputs: Mapping[str, str | None]) -> None:
    """Raises UsageError where one of `inputs` (see `check_replaceable`) is among `targets`."""
    for target in targets:
        for what, file in inputs.items():
            if file is not None and is_same(target, file):
                raise UsageError(f"{target} is {what}, which no output replaces: name another file")


def is_ours(target: str, output: str) -> bool:
    """Whether the file at `target` is one that this program wrote for `output`, empty, or none.

    Raises:
        OSError: it can't be read, or is no file.
    """
    try:
        file = _open(target)
    except PermissionError:  # what can't be read is not known to be ours
        return not os.path.exists(local(target))  # nor, in a closed folder, to be there
    if file is None:
        return True
    with file:
        if not file.read(1):
            return True
        file.seek(0)
        has_mark = _MARKS.get(os.path.splitext(target)[1].lower())
        if has_mark is not None and has_mark(file):
            return True
        file.seek(0)
        return _is_named(file, target, output)


def ours(targets: Iterable[str], output: str) -> list[str]:
    """Those of `targets` that this program wrote, to be removed; `--overwrite` keeps others."""
    return [target for target in targets if is_ours(target, output)]


def is_absent(target: str) -> bool:
    """Whether nothing lies at `target`, or an empty file; raises OSError as `is_ours`."""
    with suppress(PermissionError):
        file = _open(target)
        if file is None:
            return True
        with file:
            return not file.read(1)
    return False


def _open(target: str) -> BufferedReader | None:
    """The file at `target`; None where there is none. Raises OSError, also where it is no file."""
    check_target(local(target), target)
    storage, name = locate(_written(target))
    return storage.open(name)


def is_same(one: str, other: str) -> bool:
    """Whether both addresses are of one file that is there, however they are written.

    So are two links to one file, and on some file systems two names that differ in case.
    """
    if "://" in one or "://" in other:
        return _in_store(one) == _in_store(other)
    try:
        return os.path.samefile(_written(one), _written(other))
    except OSError:
        return False


def _written(address: str) -> str:
    """`address` as it is written to, where `..` leads out of a folder that is not there, too."""
    return address if "://" in address else os.path.realpath(address)


def _in_store(address: str) -> str:
    scheme, mark, rest = address.partition("://")
    return f"{scheme}{mark}{re.sub('/+', '/', rest)}" if mark else ""


def _is_picture(target: str, in_dir: str) -> bool:
    """Whether the walk of `in_dir` would find a picture at `target`, if that were no output.

    A link is written through, so that the file it leads to counts as well.
    """
    storage, name = locate(target)
    if "://" not in in_dir and not os.path.isdir(in_dir):
        return False  # one file, an input of its own
    top, _ = locate(os.path.join(in_dir, ""))
    where = [(os.path.join(storage.address, name), top.address)]
    if "://" not in target:
        where.append((os.path.realpath(target), os.path.realpath(in_dir)))
    return any(
        os.path.splitext(file)[1].lower() in PICTURE_SUFFIXES
        and file.startswith(os.path.join(folder, ""))
        for file, folder in where
    )


def _is_table(file: BinaryIO) -> bool:
    try:
        return begins_as_ours(read_names(file))
    except (ValueError, MissingExtraError):
        return False


def _is_json(file: BinaryIO) -> bool:
    form = _json(file)
    return "manifest_version" in form or form.get("schema") in _SCHEMAS


def _is_page(file: BinaryIO) -> bool:
    return _PAGE_MARK in file.read(_HEAD)


def _is_metrics(file: BinaryIO) -> bool:
    try:
        lines = file.read(_LONGEST).decode().splitlines()
    except ValueError:
        return False
    return any(lines) and all(map(_METRIC_LINE.match, lines))


def _is_sheet(file: BinaryIO) -> bool:
    head = file.read(_HEAD)
    return head.startswith(_PNG) and _SHEET_MARK in head


#: the suffix of an output -> whether a file has the mark of its kind
_MARKS: Final[Mapping[str, Callable[[BinaryIO], bool]]] = {
    **dict.fromkeys(WRITERS, _is_table),
    ".json": _is_json,
    ".html": _is_page,
    ".prom": _is_metrics,
    ".png": _is_sheet,
}


def _is_named(file: BufferedReader, target: str, output: str) -> bool:
    """Whether the manifest of `output` names `file`, which lies at `target`, as the run's own."""
    try:
        beside = _open(manifest_file(output))
        if beside is None:
            return False
        with beside:
            form = _json(beside)
    except OSError:
        return False
    of_report = form.get("report_sha256")
    hashes = [form.get("csv_sha256"), *(of_report if isinstance(of_report, list) else [])]
    if "manifest_version" in form and hashlib.file_digest(file, "sha256").hexdigest() in hashes:
        return True
    file.seek(0)
    arguments = form.get("arguments")
    sheets = arguments.get("save_prepared") if isinstance(arguments, dict) else None
    if not isinstance(sheets, str) or not _SHEET_OF_1_0.match(file.read(_HEAD)):
        return False
    return is_same(os.path.dirname(target) or ".", sheets)


def _json(file: BinaryIO) -> dict[str, Any]:
    """The object in `file`; empty where it holds something else."""
    try:
        form = json.loads(file.read(_LONGEST))
    except (ValueError, RecursionError):
        return {}
    return form if isinstance(form, dict) else {}
