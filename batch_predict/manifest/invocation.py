"""What was asked of a run, and where."""

import platform
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from batch_predict.manifest.versions import versions
from batch_predict.options import Options
from batch_predict.tables.csv_paths import as_text


@dataclass(frozen=True)
class Invocation:
    """What was asked, and where: the options, the command line, the host and its versions."""

    options: Options
    command: str  # as a shell takes it, but for bytes that are no text
    host: str
    versions: Mapping[str, str]  # of the program and the libraries an answer depends on, by name

    @classmethod
    def of_this_process(cls, options: Options) -> "Invocation":
        """That of the process which runs with `options`."""
        return cls(options, as_text(shlex.join(sys.orig_argv)), platform.node(), versions())
