"""What a run writes, from its rows: the CSV, the report, the contact sheets."""

import os
from collections.abc import Mapping
from typing import Any

from batch_predict.checkpoint.checkpoint_file import WorkFile
from batch_predict.manifest import manifest
from batch_predict.manifest.run_counts import Outcome
from batch_predict.options import Options
from batch_predict.prepare import Prepare
from batch_predict.process.signals import StopSignals
from batch_predict.storage import local
from batch_predict.storage.output_paths import cache_file, report_files
from batch_predict.storage.staging import Staged, staging
from batch_predict.tables import find_writer
from batch_predict.truth import Truth
from batch_predict.truth.labels_file import LabelsFile


def claim(options: Options) -> None:
    """Try whether everything that a run may write can be written here, before there is work done.

    Raises:
        OutputError: something is a folder, or lies in one that is not there or takes no files.
    """
    with staging(options.output) as staged:
        if options.save_prepared:
            os.makedirs(local(f"{options.save_prepared}/"), exist_ok=True)
        unused = set() if options.incremental else {cache_file(options.output)}
        for target in sorted(options.outputs - unused):
            staged.add(target)


def write_rows(
    options: Options, truth: Truth, work: WorkFile, stop: StopSignals, csv: str
) -> Outcome:
    """Write every row to the new file `csv`; returns what came of the pictures.

    Raises:
        OSError: it can't be written.
    """
    outcome = Outcome()
    rows = outcome.watch(stop.interruptible(work.rows()))
    write = find_writer(options.output)
    write(csv, rows, truth=truth.count > 0, probabilities=options.probabilities)
    if outcome.found != work.found:
        raise AssertionError(f"found {work.found} pictures, have rows for {outcome.counts}")
    return outcome


def report(
    options: Options,
    about: Mapping[str, Any],
    csv: str,
    staged: Staged,
    labels: LabelsFile | None = None,
) -> dict[str, Any]:
    """Write the report, or leave the one there is if it would be the same.

    A shard has none: `merge` makes that of the whole. A file of `labels` may have columns to group
    by. Returns what the manifest `about` is to say of it.
    """
    reports = report_files(options.output)
    if about["truth_source"] is None or options.shard:
        staged.remove(*reports)
        return {}
    if options.incremental:
        earlier = manifest.reported(options.output, about)
        if earlier is not None:
            return earlier
    from batch_predict.evaluate import evaluate  # scikit-learn, pandas: not before
    from batch_predict.report.load import load
    from batch_predict.report.write import write_report

    evaluation = evaluate(load(csv, labels=labels))
    return write_report(csv, about, evaluation, *map(staged.add, reports))


def save_prepared(options: Options, work: WorkFile, staged: Staged) -> None:
    """Write contact sheets of the worst rows where `--save-prepared` asks for them.

    Raises:
        OSError: one can't be written.
    """
    if options.save_prepared is None:
        return
    from batch_predict.report import contact_sheet  # Pillow's fonts: not before

    targets = list(options.sheets)
    cells = contact_sheet.cells(contact_sheet.worst(work.rows()), Prepare.of(options))
    for sheet in contact_sheet.sheets(cells):
        sheet.save(staged.add(targets.pop(0)), format="PNG")
    staged.remove(*targets)
