"""The log of a bug: versions, command and traceback in a file for the report to its makers."""

import os
import shlex
import sys
import tempfile
import traceback
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from operator import attrgetter
from typing import Final

import platformdirs

KEPT: Final = 10  # logs: the older ones go
_PREFIX: Final = "crash-"
_SUFFIX: Final = ".log"


def write(error: BaseException, versions: Mapping[str, str]) -> str:
    """Write the log of `error`; returns its path.

    It lies in the user's state folder, or in the folder for temporary files where there is no home
    or nothing can be written there. Only its owner can read it, for a command may name what is
    private.

    Raises:
        OSError: it can't be written to either.
    """
    text = _text(error, versions)
    with suppress(OSError, RuntimeError):  # RuntimeError: there is no home
        folder = platformdirs.user_log_dir("batch_predict")
        if os.path.isabs(folder):  # older versions of platformdirs say `~/...` then
            os.makedirs(folder, mode=0o700, exist_ok=True)
            return _write(folder, _PREFIX, text)
    return _write(tempfile.gettempdir(), f"batch_predict-{_PREFIX}", text)


def _text(error: BaseException, versions: Mapping[str, str]) -> str:
    parts = (
        ("versions", "\n".join(f"{name} {version}" for name, version in versions.items())),
        ("command", shlex.join(sys.orig_argv)),
        ("traceback", "".join(traceback.format_exception(error)).rstrip()),
    )
    return "".join(f"{title}\n{'-' * len(title)}\n{body}\n\n" for title, body in parts)


def _write(folder: str, prefix: str, text: str) -> str:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%SZ-")
    handle, path = tempfile.mkstemp(_SUFFIX, prefix + now, folder)  # mode 0600
    try:
        with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError:
        os.unlink(path)
        raise
    with suppress(OSError):
        _remove_old(folder, prefix)
    return path


def _remove_old(folder: str, prefix: str) -> None:
    ours = os.getuid()
    logs = [
        each
        for each in os.scandir(folder)
        if each.name.startswith(prefix)
        and each.name.endswith(_SUFFIX)
        and each.stat(follow_symlinks=False).st_uid == ours
    ]
    for old in sorted(logs, key=attrgetter("name"))[:-KEPT]:  # a name begins with its time
        os.unlink(old.path)
