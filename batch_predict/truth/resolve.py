"""Chooses the source of ground truth.

A run takes one source: `--labels FILE`, else `--label-pattern REGEX`, else `labels.csv` in in_dir,
else folders named by one digit. The other sources are read too, so that a conflict is counted and
listed. With `--no-labels` there is none.
"""

import csv
import os
from contextlib import ExitStack
from typing import Final

from batch_predict.errors import InputError, UsageError
from batch_predict.storage import fetched, open_input
from batch_predict.storage.archives.labels import LABELS_NAME
from batch_predict.storage.archives.with_archives import OneArchive
from batch_predict.storage.not_offered import NO_ANSWER
from batch_predict.truth.in_path import DigitFolders, PathPattern
from batch_predict.truth.labels_file import LabelsFile
from batch_predict.truth.truth import Source, Truth

_BAD_FILE: Final = (OSError, ValueError, csv.Error)  # what `labels_table.read_table` raises


def find_truth(
    in_dir: str, labels: str | None, pattern: str | None, *, wanted: bool = True
) -> Truth:
    """The truth for the pictures in `in_dir`; where it is not `wanted`, there is none.

    An unusable `labels.csv` in in_dir is a warning; one that its disk or server does not give is an
    error, for the same run would find no truth today and some tomorrow.

    Raises:
        UsageError: `labels` or `pattern` is unusable.
        InputError: the disk or store that holds in_dir does not answer.
    """
    if not wanted:
        return Truth([])
    sources: list[Source] = []
    warnings: list[str] = []
    if labels is not None:
        try:
            with fetched(labels) as file:
                sources.append(LabelsFile(file or labels, in_dir, f"labels file {labels}"))
        except _BAD_FILE as error:
            raise UsageError(f"--labels {labels}: {_why(error)}") from error
    if pattern is not None:
        sources.append(PathPattern(pattern))
    address = os.path.join(in_dir, LABELS_NAME)
    source = open_input(in_dir)
    if isinstance(source, OneArchive) and not sources and source.has_beside(LABELS_NAME):
        words = "is not read for an archive: name it with --labels"
        warnings.append(f"{os.path.join(os.path.dirname(in_dir), LABELS_NAME)} {words}")
    with ExitStack() as until:
        try:
            labels_csv = until.enter_context(source.fetched(LABELS_NAME))
        except OSError as error:
            raise InputError(f"can't read {address}: {_why(error)}") from error
        if labels_csv is not None:
            name = f"{LABELS_NAME} in the input folder"
            try:
                sources.append(LabelsFile(labels_csv, in_dir, name))
            except _BAD_FILE as error:
                if isinstance(error, OSError) and error.errno in NO_ANSWER:
                    raise InputError(f"can't read {address}: {_why(error)}") from error
                warnings.append(f"{address} is not used: {_why(error)}")
    return Truth([*sources, DigitFolders()], warnings)


def _why(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
