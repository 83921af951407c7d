"""The job, as a table of contents: walk -> score -> write -> report."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from batch_predict import gates, manifest, summary
from batch_predict.atomic import staging
from batch_predict.engines import find_engine
from batch_predict.errors import ExitCode, InputError
from batch_predict.modelfile import ModelFile, find_model
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.options import Options
from batch_predict.prepare import Prepare
from batch_predict.progress import progress
from batch_predict.records import Status
from batch_predict.runtimes import find_runtime
from batch_predict.scoring import Scorer
from batch_predict.truth import Truth, find_truth
from batch_predict.walk import Walk
from batch_predict.workfile import WorkFile
from batch_predict.writers import find_writer


def run(options: Options) -> ExitCode:
    """Score `options.in_dir` and write everything beside `options.output`.

    Raises:
        BatchPredictError: as each stage raises it; no output was touched.
    """
    started = datetime.now(UTC)
    # An unknown name or a missing extra is said before any work.
    find_writer(options.output), find_engine(options.engine), find_runtime(options.runtime)
    model = find_model(options.model)
    walk = make_walk(options)
    truth = find_truth(
        options.in_dir, options.labels, options.label_pattern, lambda: walked_paths(options)
    )
    for warning in truth.warnings:
        print(f"batch_predict: {warning}", file=sys.stderr)
    with WorkFile(options.work_file) as work:
        find_pictures(walk, truth, work)
        score(options, model, work)
        counts = work.counts()
        if sum(counts.values()) != work.found:
            raise AssertionError(f"found {work.found} pictures but have rows for {counts}")
        about = manifest.build(options, model, truth, counts, walk.left_out)
        about |= publish(options, truth, work, about, started)
        work.remove()
    if not options.quiet:
        print(summary.line(about))
    missed = gates.missed(options, about)
    for words in missed:
        print(f"batch_predict: {words}", file=sys.stderr)
    if not options.max_failures.allows(counts[Status.FAILED], about["found"]):
        return ExitCode.FAILURES
    return ExitCode.GATE if missed else ExitCode.OK


def make_walk(options: Options) -> Walk:
    """The pictures of `options.in_dir`; raises InputError where there is no such folder."""
    return Walk(
        options.in_dir,
        options.outputs,
        all_files=options.all_files,
        follow_links=options.follow_links,
    )


def walked_paths(options: Options) -> Iterator[str]:
    """The paths of all pictures, for a labels file that names them without their folders."""
    return (ref.path for ref in make_walk(options))


def find_pictures(walk: Walk, truth: Truth, work: WorkFile) -> None:
    """Bring what the walk finds, with its truth, into the work file.

    Raises:
        InputError: there is no picture file.
    """
    work.find(ref._replace(truth=truth.of(ref.path)) for ref in walk)
    if not work.found:
        work.remove()
        raise InputError(f"{walk.in_dir} holds no picture file")


def score(options: Options, model: ModelFile, work: WorkFile) -> None:
    """Give every picture its row in the work file.

    Raises:
        ModelError: the model can't be loaded, or its outputs are no probabilities.
    """

    engine, load = find_engine(options.engine), find_runtime(options.runtime)

    def make_scorer() -> Scorer:
        runtime = load(model.path, options.batch_size, options.threads)
        return Scorer(runtime, options.batch_size, model.review_below)

    batches = engine(work.pending(), make_prepare(options), make_scorer, options.batch_size)
    for rows in progress(batches, work.found, quiet=options.quiet):
        work.add(rows)


def publish(
    options: Options, truth: Truth, work: WorkFile, about: dict[str, Any], started: datetime
) -> dict[str, Any]:
    """Write every output, then put all in place together; returns what came to the manifest.

    Raises:
        OutputError: one can't be written; the old ones are untouched.
    """
    write = find_writer(options.output)
    reports = (f"{options.stem}.report.json", f"{options.stem}.report.html")
    has_truth = truth.count > 0
    with staging() as staged:
        csv = staged.add(options.output)
        write(csv, work.rows(), truth=has_truth, probabilities=options.probabilities)
        about = about | manifest.sign(csv, started)
        if has_truth:
            from batch_predict.report.write import write_report  # pandas: not before

            prepare = make_prepare(options)
            about |= write_report(csv, about, truth, prepare, *map(staged.add, reports))
        else:
            for report in reports:
                staged.remove(report)
        manifest.write(about, staged.add(f"{options.stem}.run.json"))
        staged.commit()
    return about


def make_prepare(options: Options) -> Prepare:
    """The step from a file to what the model sees of it."""
    return Prepare(
        options.in_dir,
        options.max_pixels,
        Preprocess(options.preprocess),
        Polarity(options.polarity),
    )
