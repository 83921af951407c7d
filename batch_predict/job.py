"""The job, as a table of contents: walk -> score -> write -> report."""

import logging
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

from batch_predict.checkpoint.checkpoint_file import WorkFile
from batch_predict.checkpoint.resume import close_work, fingerprint, open_work
from batch_predict.drift.baseline import find_baseline
from batch_predict.engines import find_engine
from batch_predict.errors import ExitCode, InputError
from batch_predict.manifest import gates, manifest, summary
from batch_predict.manifest.clock import Clock
from batch_predict.manifest.prometheus import recorded
from batch_predict.options import Options
from batch_predict.outputs import claim, report, save_prepared, write_rows
from batch_predict.prepare import Prepare
from batch_predict.process.output_lock import locked
from batch_predict.process.progress import progress
from batch_predict.process.signals import StopSignals
from batch_predict.records import ImageRef
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.model_file import ModelFile, find_model
from batch_predict.scoring import Scorer
from batch_predict.shard import Shard
from batch_predict.storage import Listing, open_storage
from batch_predict.storage.output_paths import lock_file, manifest_file
from batch_predict.storage.staging import staging
from batch_predict.tables import find_writer
from batch_predict.truth import Truth, find_truth

_LOGGER: Final = logging.getLogger(__name__)


def run(options: Options) -> ExitCode:
    """Do what `complete` does; returns how it ended."""
    return ExitCode(complete(options)["exit_code"])


def complete(options: Options) -> dict[str, Any]:
    """Score `options.in_dir` and write everything beside `options.output`; returns the manifest.

    Raises:
        BatchPredictError: as each stage raises it; no output was touched.
        Stopped: a signal came; no output was touched.
    """
    # An unknown name or a missing extra is said before any work.
    find_writer(options.output), find_engine(options.engine), find_runtime(options.runtime)
    with (
        locked(lock_file(options.output)),
        StopSignals() as stop,
        recorded(options.metrics_file, options.output) as finished,
    ):
        about, missed = make(options, stop)
        finished(about)
    summary.say(about, missed, quiet=options.quiet)
    return about


def make(options: Options, stop: StopSignals) -> tuple[dict[str, Any], list[str]]:
    """Make the outputs; returns the manifest, and what was demanded and is missed."""
    clock = Clock()
    model = find_model(options.model, options.review_below)
    baseline = find_baseline(options.baseline, model, needed=options.max_drift is not None)
    walk = make_walk(options)
    claim(options)
    truth = find_truth(options.in_dir, options.labels, options.label_pattern)
    with open_work(options, fingerprint(options, model)) as work:
        walked = find_pictures(options.shard, walk, truth, work, stop)
        for warning in truth.warnings():
            _LOGGER.warning("%s", warning)
        about = manifest.build(options, model, truth, walk.left_out, walked, work.done)
        score(options, model, walk, work, stop)
        with staging(options.output) as staged:
            csv = staged.add(options.output)
            outcome = write_rows(options, truth, work, stop, csv)
            about |= manifest.came_of(outcome, baseline)
            about |= manifest.sign(csv, clock, scored=about["found"] - about["kept"])
            about |= report(options, about, csv, staged, truth.labels_file)
            save_prepared(options, work, staged)
            about["exit_code"], missed = gates.judge(options, about)
            manifest.write(about, staged.add(manifest_file(options.output)))
            stop.disarm()
            staged.commit()
    close_work(options)
    return about, missed


def make_walk(options: Options) -> Listing:
    """The pictures of `options.in_dir`; raises InputError where there is no such folder."""
    return open_storage(options.in_dir).walk(
        options.outputs, all_files=options.all_files, follow_links=options.follow_links
    )


def find_pictures(
    shard: Shard | None, walk: Listing, truth: Truth, work: WorkFile, stop: StopSignals
) -> int:
    """Bring what the walk finds and `shard` holds, with its truth, into the work file.

    Returns how many pictures the walk found, those of other shards too.

    Raises:
        InputError: there is no picture file, or the folder went away.
    """
    walked = work.put_walk(stop.interruptible(walk))
    walk.still_there()
    truth.count_names(ref.path for ref in stop.interruptible(work.walked()))

    def refs() -> Iterator[ImageRef]:
        for ref in stop.interruptible(work.walked()):
            known = truth.of(ref.path)
            if shard is None or shard.holds(ref.path):
                yield ref._replace(truth=known)

    work.find(refs())
    if not walked:
        raise InputError(f"{walk.in_dir} holds no picture file")
    return walked


def score(
    options: Options, model: ModelFile, walk: Listing, work: WorkFile, stop: StopSignals
) -> None:
    """Give every picture its row in the work file.

    Raises:
        InputError: the folder went away.
        ModelError: the model can't be loaded, or its outputs are no probabilities.
    """
    if work.done == work.found:
        return
    engine, load = find_engine(options.engine), find_runtime(options.runtime)

    def make_scorer() -> Scorer:
        runtime = load(model.path, options.batch_size)
        return Scorer(runtime, options.batch_size, model.review_below)

    refs = stop.until_signal(work.pending())
    how = {"verbose": options.verbose, "quiet": options.quiet}
    with closing(engine(refs, Prepare.of(options), make_scorer, options)) as batches:
        for rows in progress(batches, work.done, work.found, **how):
            if any(row.is_transient for row in rows):
                walk.still_there()
            work.add(rows)
    stop.check()
