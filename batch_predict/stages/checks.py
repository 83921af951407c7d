"""What is looked at before there is work done: names, and the places of all that may be written."""

import os

from batch_predict.engines import find_engine
from batch_predict.manifest.ownership import check_kept, check_replaceable
from batch_predict.manifest.prometheus import check_metrics
from batch_predict.options import Options
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.model_file import card_path, model_path
from batch_predict.storage import Storage, local, locate, open_input
from batch_predict.storage.archives.labels import LABELS_NAME
from batch_predict.storage.output_paths import (
    cache_file,
    checkpoint_file,
    decisions_file,
    lock_file,
)
from batch_predict.storage.staging import staging
from batch_predict.tables import find_writer


def check_names(options: Options) -> None:
    """Look for all that the options name, of the input before the output.

    Raises:
        UsageError: there is no such runtime, engine or form, or an output is no file of ours.
        MissingExtraError: one needs what is not installed.
    """
    open_input(options.in_dir, archives=options.archives)
    find_writer(options.output)
    find_engine(options.engine)
    find_runtime(options.runtime)
    check_metrics(options.metrics_file)
    check_outputs(options)


def check_writable(options: Options) -> None:
    """Try whether everything that a run may write can be written here, before there is work done.

    Raises:
        OutputError: something is a folder, or lies in one that is not there or takes no files.
    """
    with staging(options.output) as staged:
        if options.save_prepared:
            os.makedirs(local(f"{options.save_prepared}/"), exist_ok=True)
        unused = set() if options.incremental else {cache_file(options.output)}
        located: dict[Storage, str] = {}
        for target in sorted(options.outputs - unused):
            staged.add(target)
            located.setdefault(*locate(target))
        for storage, name in located.items():
            storage.try_out(name)


def check_outputs(options: Options) -> None:
    """Try whether all that a run may write is its own to replace, before there is work done.

    Once more at the end, when what was written is put in place: somebody may have come meanwhile.

    Raises:
        UsageError: there is an input, or a file of somebody else.
        OutputError: something can't be looked at, or is no file.
    """
    output = options.output
    inputs = {"the input": options.in_dir, **inputs_of(options)}
    inputs[f"the {LABELS_NAME} of the input folder"] = os.path.join(options.in_dir, LABELS_NAME)
    targets = options.outputs - {cache_file(output)}
    overwrite, in_dir = options.overwrite, options.in_dir
    check_kept((cache_file(output), checkpoint_file(output), lock_file(output)), inputs)
    check_replaceable(targets, inputs, output=output, overwrite=overwrite, in_dir=in_dir)


def inputs_of(options: Options) -> dict[str, str | None]:
    """The files that the options name, to be read, by what they are."""
    model = model_path(options.model)
    return {
        "the file of --labels": options.labels,
        "the file of --files-from": options.files_from,
        "the model": model,
        "the model's card": card_path(model),
        "the file of --baseline": options.baseline,
        "the answers of --audit": options.audit,
        "what was decided on these pictures": decisions_file(options.output),
        **{f"the decisions in {file}": file for file in options.decisions},
    }
