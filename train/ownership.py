"""What `train` may replace: models, cards and sheets that it wrote, never an input."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping

from batch_predict.errors import BatchPredictError, OutputError, UsageError
from batch_predict.manifest.ownership import check_kept, check_replaceable, is_absent
from batch_predict.runtimes.exported import is_exported
from batch_predict.runtimes.model_file import card_path
from batch_predict.storage.file_hash import file_sha256
from batch_predict.storage.regular_file import open_regular


def check_model(output: str, inputs: Mapping[str, str | None], *, overwrite: bool) -> None:
    """Try whether a training may write a model at `output`, and its card.

    Raises:
        UsageError: one of `inputs`, by what they are called, is there; or without `overwrite` a
            file that no training wrote.
        OutputError: what is there is no file.
    """
    targets = (output, card_path(output))
    check_kept(targets, inputs)
    try:
        absent = [is_absent(target) for target in targets]  # each is looked at
        if overwrite or all(absent) or (is_trained(output) and not absent[0]):
            return
    except OSError as error:
        raise OutputError(f"can't write {output}: {error.strerror}") from error
    raise UsageError(
        f"{output}, or its card, is there already and is not of a training:"
        " name another file, or say --overwrite"
    )


def check_export(target: str, *, overwrite: bool) -> None:
    """Try whether an export may be written at `target`.

    Raises:
        UsageError: without `overwrite`, a file that is no export is there.
        OutputError: what is there is no file.
    """
    try:
        if is_absent(target) or overwrite or is_exported(target):
            return
    except OSError as error:
        raise OutputError(f"can't write {target}: {error.strerror}") from error
    raise UsageError(f"{target} is there already and is no export of a model: say --overwrite")


def check_sheet(parser: ArgumentParser, sheet: str, *, overwrite: bool) -> None:
    """End the command of `parser` where it may not write a sheet of pictures at `sheet`."""
    try:
        check_replaceable([sheet], {}, output=sheet, overwrite=overwrite)
    except BatchPredictError as error:
        parser.exit(error.exit_code, f"{parser.prog}: {error}\n")


def is_trained(output: str) -> bool:
    """Whether the card beside the model at `output` is its, and of a training."""
    try:
        with open_regular(card_path(output)) as file:
            card = json.load(file)
        return "training" in card and card["sha256"] == file_sha256(output)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False
