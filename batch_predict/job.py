"""The job, as a table of contents: walk -> score -> write -> report."""

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Final, NamedTuple

from batch_predict.audit.promise_of_run import Audit, find_audit
from batch_predict.checkpoint.checkpoint_file import Checkpoint
from batch_predict.checkpoint.fingerprint import fingerprint
from batch_predict.checkpoint.last_answer import keep_last_answer
from batch_predict.checkpoint.rehash import add_contents, forget_changed
from batch_predict.checkpoint.resume import close_checkpoint, open_checkpoint
from batch_predict.checkpoint.schema import Fingerprint
from batch_predict.decisions.apply import Decisions, find_decisions
from batch_predict.engines import find_engine
from batch_predict.errors import ExitCode, InputError, UsageError
from batch_predict.manifest.baseline import Baselines, find_baselines
from batch_predict.manifest.clock import Clock
from batch_predict.manifest.expected import expected
from batch_predict.manifest.gates import accepts_gone, check_can_be_met, judge
from batch_predict.manifest.manifest import Manifest
from batch_predict.manifest.ownership import is_absent
from batch_predict.manifest.prometheus import check_metrics, write_metrics
from batch_predict.manifest.read_write import write_manifest
from batch_predict.manifest.run_record import (
    Gone,
    Invocation,
    ModelUsed,
    RunRecord,
    TruthUsed,
    WalkCounts,
)
from batch_predict.manifest.since_last import since_last
from batch_predict.manifest.summary import counted, print_summary
from batch_predict.options import Options
from batch_predict.outputs import (
    ScoredRows,
    check_outputs,
    check_writable,
    promised,
    save_prepared,
    write_report,
    write_rows,
)
from batch_predict.prepare import Prepare
from batch_predict.process.fork_lock import FORK_LOCK
from batch_predict.process.output_lock import locked
from batch_predict.process.progress import progress
from batch_predict.process.run_status import Course, run_status
from batch_predict.process.signals import StopSignals
from batch_predict.records import ImageRef
from batch_predict.report.seen_again import pictures_of
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.ink import find_ink
from batch_predict.runtimes.model_file import ModelFile, find_model
from batch_predict.runtimes.scale import Scale
from batch_predict.runtimes.training_digits import training_digits
from batch_predict.scoring import Networks, Scorer, plan_of
from batch_predict.shard import Shard
from batch_predict.storage import Listing, Source, open_input
from batch_predict.storage.archives.labels import IN_ARCHIVE
from batch_predict.storage.file_hash import file_sha256
from batch_predict.storage.file_list import FileList
from batch_predict.storage.output_paths import (
    decisions_file,
    lock_file,
    manifest_file,
    status_file,
)
from batch_predict.storage.selection import Selection
from batch_predict.storage.staging import staging
from batch_predict.storage.walk_digest import WalkDigest
from batch_predict.tables import find_writer
from batch_predict.truth import Truth, find_truth

_LOGGER: Final = logging.getLogger(__name__)


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
    model, ink, baselines, walk, truth, decisions, audit = inputs
    invocation, model_used = Invocation.of_this_process(options), ModelUsed.of(model, ink)
    with open_checkpoint(options, inputs.fingerprint(invocation)) as checkpoint:
        walk_counts = keep_pictures(options, inputs, checkpoint, course)
        score_pending(options, model, ink, walk, checkpoint, course)
        decided_paths = stop.interruptible(inputs.decided_paths)
        add_contents(checkpoint, source_of(options), decided_paths)
        scored = ScoredRows(checkpoint, model.review_below, decisions, training_digits(model))
        promise = promised(options, audit, scored, course)
        if promise is not None and promise.threshold is not None:
            scored = scored._replace(review_below=promise.threshold)
        scale = scale_used(options, model, checkpoint)
        model_used = replace(model_used, scale=scale, review_below=scored.review_below)
        course.status.begin("writing", total=checkpoint.ref_count)
        with staging(options.output) as staged, since_last(options.output) as last:
            csv = staged.add(options.output)
            counts, decided = write_rows(options, truth, scored, course, csv, last)
            from_asked, from_card = baselines.drifts(counts.profile)
            record = RunRecord(
                invocation,
                model_used,
                TruthUsed.of(truth),
                walk_counts,
                counts,
                from_asked,
                file_sha256(csv),
                clock.times(),
                last.found(),
                expected(counts, model.calibrated_to_drift, from_card),
                decided,
                promise,
            )
            labels, may_keep = truth.labels_file, options.incremental
            pictures = pictures_of(options, model_used)
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


def check_names(options: Options) -> None:
    """Look for all that the options name, of the input before the output, before any work.

    Raises:
        UsageError: there is no such runtime, engine or form, or an output is no file of ours.
        MissingExtraError: one needs what is not installed.
    """
    source_of(options)
    find_writer(options.output)
    find_engine(options.engine)
    find_runtime(options.runtime)
    check_metrics(options.metrics_file)
    check_outputs(options)


class Inputs(NamedTuple):
    """What a run reads, found and fit to be read."""

    model: ModelFile
    ink: ModelFile
    baselines: Baselines
    walk: Listing
    truth: Truth
    decisions: Decisions | None
    audit: Audit | None

    @property
    def decided_paths(self) -> Collection[str]:
        """Where the pictures lie that were decided on."""
        return self.decisions.paths if self.decisions else ()

    def fingerprint(self, invocation: Invocation) -> Fingerprint:
        """That of the run of `invocation`."""
        address = source_of(invocation.options).address
        return fingerprint(invocation, ModelUsed.of(self.model, self.ink), address)


def open_inputs(options: Options) -> Inputs:
    """What a run with `options` reads; its outputs are tried, too.

    Raises:
        BatchPredictError: as each stage raises it.
    """
    decisions = find_decisions(decisions_file(options.output), options.decisions)
    audit = find_audit(options.audit, options.output) if options.audit else None
    model, ink = find_model(options.model, options.review_below), find_ink()
    needed = options.max_drift is not None
    baselines = find_baselines(options.baseline, model, ink.sha256, needed=needed)
    walk = open_listing(options)
    check_writable(options)
    wanted = not options.no_labels
    truth = find_truth(options.in_dir, options.labels, options.label_pattern, wanted=wanted)
    return Inputs(model, ink, baselines, walk, truth, decisions, audit)


def source_of(options: Options) -> Source:
    """Where the pictures lie; raises as `open_input`."""
    return open_input(options.in_dir, archives=options.archives)


def open_listing(options: Options) -> Listing:
    """The pictures of `options.in_dir`, listed as they are asked for.

    Raises:
        InputError: there is no such folder.
        UsageError: `options.files_from` is no list for it.
    """
    source = source_of(options)
    selection = Selection(
        options.own_files, options.all_files, options.follow_links, options.exclude
    )
    if options.files_from is not None:
        return source.listed(FileList(options.files_from, options.null), selection)
    return source.walk(selection)


def keep_pictures(
    options: Options, inputs: Inputs, checkpoint: Checkpoint, course: Course
) -> WalkCounts:
    """Keep in the checkpoint what the walk finds and the shard holds, with its truth.

    A picture that was decided on and has other bytes now loses its row.

    Returns what the walk came upon, pictures of other shards too where it is not cut. What is odd
    is warned of.

    Raises:
        InputError: there is no picture file, or the folder went away.
        UsageError: a gate can't be met.
    """
    truth, shard = inputs.truth, options.shard
    walk = share_of(inputs, shard)
    walk.take_label = truth.in_archive.add
    stop, status = course
    listed: Iterable[ImageRef] = status.counted(walk, lambda _: 1)
    if truth.needs_all_paths or walk.repeats:
        checkpoint.store_walk(stop.interruptible(listed), repeats=walk.repeats)
        if options.files_from is not None and options.incremental:
            check_last_answer(options, checkpoint)
            keep_last_answer(checkpoint, source_of(options), is_local=walk.is_local)
        listed = checkpoint.stored_walk()
        truth.match(lambda: (ref.path for ref in stop.interruptible(checkpoint.stored_walk())))
    walked = 0
    digest = WalkDigest() if shard else None

    def refs() -> Iterator[ImageRef]:
        nonlocal walked
        for ref in stop.interruptible(listed):
            walked += 1
            if digest:
                digest.add(ref)
            known = truth.of(ref.path, truth.in_archive.of(ref))
            if shard is None or walk.cut or shard.holds(ref.path):
                yield ref if known == ref.truth else ref._replace(truth=known)
        walk.check_present()

    checkpoint.set_refs(refs())
    check_found(options, walk, walked, truth)
    sha256 = digest.sha256() if digest else None
    decided_paths = stop.interruptible(inputs.decided_paths)
    forget_changed(checkpoint, source_of(options), decided_paths)
    is_whole = options.incremental and options.files_from is None
    gone = Gone(*checkpoint.gone) if is_whole else None
    return WalkCounts(walked, walk.skipped, checkpoint.row_count, sha256, gone, walk.cut)


def check_last_answer(options: Options, checkpoint: Checkpoint) -> None:
    """Look for the answers that a list of files does not name, before it would replace their table.

    Raises:
        UsageError: there is such a table, and nothing of it was kept.
    """
    if checkpoint.is_new and not options.overwrite and not is_absent(options.output):
        raise UsageError(
            f"{options.output} is there, but no answers are kept beside it, so rows that"
            " --files-from does not name would be lost: run once without it, or say --overwrite"
        )


def check_found(options: Options, walk: Listing, walked: int, truth: Truth) -> None:
    """Warn of what is odd about the `walked` pictures.

    Raises:
        InputError: there are none.
        UsageError: a gate can't be met. Of a share neither: other shards may have what it lacks.
    """
    if not walked and walk.cut is None:
        found = walk.overlooked.words() or counted(walk.skipped)
        files = options.files_from
        holder = walk.in_dir if files is None else f"--files-from {files}"
        raise InputError(f"{holder} holds no picture file{found and f': {found}'}")
    if walk.overlooked.count:
        _LOGGER.warning("left out: %s", walk.overlooked.words())
    if walk.skipped[IN_ARCHIVE] and not (options.no_labels or options.labels):
        _LOGGER.warning("%s is not read: extract it, and name it with --labels", IN_ARCHIVE)
    for warning in truth.warnings():
        _LOGGER.warning("%s", warning)
    if walk.cut is None:
        check_can_be_met(options, has_truth=truth.count > 0)


def share_of(inputs: Inputs, shard: Shard | None) -> Listing:
    """What is to be listed: all, or what falls to `shard` where that can be told before."""
    if shard is None or inputs.truth.needs_all_paths:
        return inputs.walk
    return inputs.walk.share(shard) or inputs.walk


def score_pending(
    options: Options,
    model: ModelFile,
    ink: ModelFile,
    walk: Listing,
    checkpoint: Checkpoint,
    course: Course,
) -> None:
    """Score the pictures that have no row in the checkpoint yet, and keep their rows there.

    Raises:
        InputError: the folder went away.
        ModelError: the model can't be loaded, or its outputs are no probabilities.
    """
    scales: list[Scale] = []
    done, total = checkpoint.row_count, checkpoint.ref_count
    if done == total:
        return
    engine, runtime = find_engine(options.engine), find_runtime(options.runtime)
    plan = plan_of(model, options.preprocess)

    def make_scorer() -> Scorer:
        networks = Networks.load(model, ink, runtime, options.batch_size)
        scales.append(networks.classifier.scale)  # stays empty where the engine scores elsewhere
        return Scorer(networks, plan, options.batch_size)  # the outputs see to the review

    stop, status = course
    status.begin("scoring", done, total)
    refs = stop.until_signal(checkpoint.pending())
    verbose, quiet = options.verbose, options.quiet
    with closing(engine(refs, Prepare.of(options), make_scorer, options)) as batches:
        counted = status.counted(batches, len)
        for rows in progress(counted, done, total, verbose=verbose, quiet=quiet):
            # What is kept must be from the folder that was walked.
            if walk.is_local or rows.are_transient().any():
                walk.check_present()
            checkpoint.add(rows)
    if scales:
        checkpoint.scale = scales[0]
    stop.check()  # a signal ends `refs` early, without an error


def scale_used(options: Options, model: ModelFile, checkpoint: Checkpoint) -> Scale:
    """The scale on which the model takes pixels: that of its card, or what was found in scoring.

    Where nothing was scored in this process, now or before, the model is loaded for it.

    Raises:
        ModelError: the model can't be loaded, or its scale can't be told.
    """
    if model.scale is not None:
        return model.scale
    scale = checkpoint.scale
    if scale is None:
        with FORK_LOCK.held():
            runtime = find_runtime(options.runtime)
            scale = runtime.load_classifier(model, options.batch_size).scale
        checkpoint.scale = scale
    return scale
