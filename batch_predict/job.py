"""The job, as a table of contents: walk -> score -> write -> report."""

from collections.abc import Sequence
from dataclasses import replace

from batch_predict.checkpoint.rehash import add_contents
from batch_predict.checkpoint.resume import close_checkpoint, open_checkpoint
from batch_predict.errors import ExitCode
from batch_predict.manifest.clock import Clock
from batch_predict.manifest.expected import expected
from batch_predict.manifest.gates import accepts_gone, judge
from batch_predict.manifest.invocation import Invocation
from batch_predict.manifest.manifest import Manifest
from batch_predict.manifest.model_used import ModelUsed
from batch_predict.manifest.prometheus import write_metrics
from batch_predict.manifest.read_write import write_manifest
from batch_predict.manifest.run_record import RunRecord
from batch_predict.manifest.since_last import since_last
from batch_predict.manifest.summary import print_summary
from batch_predict.manifest.truth_used import TruthUsed
from batch_predict.options import Options
from batch_predict.process.output_lock import locked
from batch_predict.process.run_status import Course, run_status
from batch_predict.process.signals import StopSignals
from batch_predict.report.of_run import write_report
from batch_predict.report.seen_again import pictures_of
from batch_predict.runtimes import find_runtime
from batch_predict.scoring import LateNetworks
from batch_predict.stages.checks import check_names, check_outputs
from batch_predict.stages.inputs import open_inputs
from batch_predict.stages.outputs import save_prepared, scored_rows, write_rows
from batch_predict.stages.pending import scale_used, score_pending
from batch_predict.stages.walking import keep_pictures
from batch_predict.storage.file_hash import file_sha256
from batch_predict.storage.output_paths import lock_file, manifest_file, status_file
from batch_predict.storage.staging import staging


def run(options: Options) -> ExitCode:
    """Do what `score_folder` does; returns how it ended."""
    return score_folder(options).exit_code


def score_folder(options: Options) -> Manifest:
    """Score `options.in_dir` and write everything beside `options.output`.

    Raises:
        BatchPredictError: as each stage raises it; no output was touched.
        Stopped: a signal came; no output was touched.
    """
    check_names(options)
    with (
        locked(lock_file(options.output)),
        StopSignals() as stop,
        run_status(status_file(options.output)) as status,
        write_metrics(options.metrics_file, options.output, options.overwrite) as on_finish,
    ):
        manifest, missed = produce_outputs(options, Course(stop, status))
        on_finish(manifest)
        print_summary(manifest, missed, quiet=options.quiet)
    return manifest


def produce_outputs(options: Options, course: Course) -> tuple[Manifest, Sequence[str]]:
    """Walk, score, write, report; returns the manifest, and a line on each gate not met."""
    clock, stop = Clock(), course.stop
    inputs = open_inputs(options)
    model, truth, walk = inputs.model, inputs.truth, inputs.walk
    runtime = find_runtime(options.runtime)
    networks = LateNetworks(model, inputs.ink, runtime, options.batch_size)
    invocation = Invocation.of_this_process(options)
    with open_checkpoint(options, inputs.fingerprint(invocation)) as checkpoint:
        walk_counts = keep_pictures(options, inputs, checkpoint, course)
        score_pending(options, inputs, networks, checkpoint, course)
        add_contents(checkpoint, inputs.source, stop.interruptible(inputs.decided_paths))
        scored, promise = scored_rows(options, inputs, checkpoint, course)
        model_used = replace(
            ModelUsed.of(model, inputs.ink),
            scale=scale_used(model, networks, checkpoint),
            review_below=scored.review_below,
        )
        course.status.begin("writing", total=checkpoint.ref_count)
        with staging(options.output) as staged, since_last(options.output) as last:
            csv = staged.add(options.output)
            counts, decided = write_rows(options, truth, scored, course, csv, last)
            drift, from_card = inputs.baselines.drifts(counts.profile)
            record = RunRecord(
                invocation=invocation,
                model=model_used,
                truth=TruthUsed.of(truth),
                walk=walk_counts,
                counts=counts,
                drift=drift,
                csv_sha256=file_sha256(csv),
                times=clock.times(),
                new_since_last=last.found(),
                expected=expected(counts, model.calibrated_to_drift, from_card),
                decisions=decided,
                promise=promise,
            )
            pictures = pictures_of(options, model_used, networks)
            labels, may_keep = truth.labels_file, options.incremental
            report = write_report(record, csv, pictures, staged, labels=labels, may_keep=may_keep)
            save_prepared(options, scored, pictures, staged)
            exit_code, missed = judge(options, record, report)
            manifest = Manifest(record, report, exit_code)
            write_manifest(manifest, staged.add(manifest_file(options.output)))
            if walk.is_local:
                walk.check_present()  # the report's pictures were read, too
            check_outputs(replace(options, metrics_file=None))  # that is written, and tried, later
            stop.disarm()
            staged.commit()
        if options.incremental:
            checkpoint.finish(accepts_gone=accepts_gone(options, walk_counts.gone))
    close_checkpoint(options, checkpoint)
    return manifest, missed
