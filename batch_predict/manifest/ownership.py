"""What may be replaced: a file that this program wrote, and never an input.

A run replaces its outputs every night, so it has to know them again. Each kind carries a mark; of
what 1.0.0 left without one, the manifest beside it tells.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from io import BufferedReader

from batch_predict.errors import OutputError, UsageError
from batch_predict.manifest.own_marks import has_mark, is_sheet_of_1_0, json_object
from batch_predict.storage import local, locate
from batch_predict.storage.output_paths import manifest_file
from batch_predict.storage.picture_names import PICTURE_SUFFIXES
from batch_predict.storage.staging import check_target


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
        if has_mark(file, target):
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


def _is_named(file: BufferedReader, target: str, output: str) -> bool:
    """Whether the manifest of `output` names `file`, which lies at `target`, as the run's own."""
    try:
        beside = _open(manifest_file(output))
        if beside is None:
            return False
        with beside:
            form = json_object(beside)
    except OSError:
        return False
    of_report = form.get("report_sha256")
    hashes = [form.get("csv_sha256"), *(of_report if isinstance(of_report, list) else [])]
    if "manifest_version" in form and hashlib.file_digest(file, "sha256").hexdigest() in hashes:
        return True
    file.seek(0)
    arguments = form.get("arguments")
    sheets = arguments.get("save_prepared") if isinstance(arguments, dict) else None
    if not isinstance(sheets, str) or not is_sheet_of_1_0(file):
        return False
    return is_same(os.path.dirname(target) or ".", sheets)
