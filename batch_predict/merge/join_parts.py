"""The CSVs of a sharded run -> the one of the whole, with all that lies beside it."""

import heapq
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from operator import attrgetter
from typing import Unpack

from batch_predict.errors import ExitCode
from batch_predict.manifest import gates, summary
from batch_predict.manifest.baseline import find_baselines
from batch_predict.manifest.gates import GateOptions
from batch_predict.manifest.manifest import Manifest, PartRecord
from batch_predict.manifest.ownership import check_kept, check_replaceable
from batch_predict.manifest.read_write import write_manifest
from batch_predict.manifest.since_last import since_last
from batch_predict.merge.part_rows import columns_of_all, once_each, rows_of
from batch_predict.merge.parts import Part, read_part
from batch_predict.merge.sums import record_of_whole, sum_truth
from batch_predict.merge.whole import check_whole
from batch_predict.options import Options
from batch_predict.process.output_lock import locked
from batch_predict.report.of_run import write_report
from batch_predict.report.seen_again import pictures_of
from batch_predict.rows import in_columns
from batch_predict.runtimes.model_file import find_model
from batch_predict.stages.checks import inputs_of
from batch_predict.storage.file_hash import file_sha256
from batch_predict.storage.output_paths import lock_file, manifest_file, report_files
from batch_predict.storage.staging import staging
from batch_predict.tables import find_writer


def merge(
    csvs: Sequence[str],
    output: str,
    *,
    overwrite: bool = False,
    **demanded: Unpack[GateOptions],
) -> ExitCode:
    """Join the parts at `csvs` and write everything beside `output`.

    `overwrite` lets it replace files that are not this program's; parts never. The gates that are
    `demanded` judge the whole; a gate of the parts does not.

    Raises:
        UsageError: they are not the whole of one run, or no CSVs; a gate can't be met; or an input
            would be replaced, or without `overwrite` a file of somebody else.
        LockedError, ModelError, OutputError: as a run raises them.
    """
    gated = Options("", output, **demanded)  # a wrong value is said before any part is read
    with ExitStack() as until:
        parts = sorted((read_part(csv, until) for csv in csvs), key=lambda part: part.shard.index)
        return _join(parts, gated, overwrite=overwrite, **demanded)


def _join(
    parts: Sequence[Part], gated: Options, *, overwrite: bool, **demanded: Unpack[GateOptions]
) -> ExitCode:
    output = gated.output
    write = find_writer(output)
    check_whole(parts)
    _check_outputs(parts, gated, overwrite=overwrite)
    columns = columns_of_all(parts)
    first = parts[0].record
    # The manifest says what the parts were asked; the whole is judged by what is demanded here.
    asked = replace(first.options, output=output, shard=None, **demanded)
    gates.check_can_be_met(gated, has_truth=sum_truth(parts).source is not None)
    model = find_model(asked.model, asked.review_below)
    ours, needed = first.model.preparation, gated.max_drift is not None
    baselines = find_baselines(gated.baseline, model, ours, needed=needed)
    with locked(lock_file(output)), staging(output) as staged, since_last(output) as last:
        csv = staged.add(output)
        rows = once_each(heapq.merge(*map(rows_of, parts), key=attrgetter("ref.path")))
        write(csv, last.pass_through(in_columns(rows)), columns)
        of_whole = record_of_whole(parts, asked, model, baselines)
        record = replace(of_whole, csv_sha256=file_sha256(csv), new_since_last=last.found())
        pictures = pictures_of(record.options, record.model)
        report = write_report(record, csv, pictures, staged)
        exit_code, missed = gates.judge(gated, record, report)
        shards = tuple(PartRecord.of(part.record) for part in parts)
        manifest = Manifest(record, report, exit_code, shards)
        write_manifest(manifest, staged.add(manifest_file(output)))
        staged.commit()
    summary.print_summary(manifest, missed, quiet=False)
    return exit_code


def _check_outputs(parts: Sequence[Part], gated: Options, *, overwrite: bool) -> None:
    """Raises UsageError as `stages.checks.check_outputs` does; the parts are inputs here."""
    inputs = inputs_of(replace(gated, model=parts[0].record.options.model))
    for part in parts:
        inputs[f"the part {part.shard}"] = part.csv
        inputs[f"the manifest of the part {part.shard}"] = manifest_file(part.csv)
    output = gated.output
    check_kept((lock_file(output),), inputs)
    targets = (output, manifest_file(output), *report_files(output))
    check_replaceable(targets, inputs, output=output, overwrite=overwrite)
