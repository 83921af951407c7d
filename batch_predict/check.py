"""`--check`: what a run would do, up to its first picture; nothing is written."""

import os
from dataclasses import replace
from typing import Final

from batch_predict.checkpoint.checkpoint_file import Checkpoint
from batch_predict.checkpoint.resume import adopt_all
from batch_predict.errors import ExitCode
from batch_predict.manifest.invocation import Invocation
from batch_predict.manifest.summary import of_walk
from batch_predict.manifest.walk_counts import WalkCounts
from batch_predict.options import Options
from batch_predict.plural import plural
from batch_predict.process.fork_lock import FORK_LOCK
from batch_predict.process.output_lock import locked
from batch_predict.process.run_status import Course, RunStatus
from batch_predict.process.signals import StopSignals
from batch_predict.process.stdio import say
from batch_predict.runtimes import find_runtime
from batch_predict.scoring import Networks
from batch_predict.stages.checks import check_names
from batch_predict.stages.inputs import open_inputs
from batch_predict.stages.walking import keep_pictures
from batch_predict.storage.output_paths import lock_file
from batch_predict.temporary_folders import temporary_folder

_CHECKPOINT: Final = "checked.work"


def check(options: Options) -> ExitCode:
    """Do what a run does before it scores, and say what it would score.

    The networks are loaded, the folder is walked, labels are matched, and each output's place is
    tried. What the run keeps meanwhile lies in a temporary folder.

    Raises:
        BatchPredictError: as a run raises it before it scores.
        Stopped: a signal came.
    """
    if options.save_prepared and not os.path.isdir(options.save_prepared):
        options = replace(options, save_prepared=None)  # to try that folder is to make it
    check_names(options)
    with locked(lock_file(options.output)), StopSignals() as stop, temporary_folder() as folder:
        inputs = open_inputs(options)
        ours = inputs.fingerprint(Invocation.of_this_process(options))
        with FORK_LOCK.held():
            runtime = find_runtime(options.runtime)
            Networks.load(inputs.model, inputs.ink, runtime, options.batch_size)
        with Checkpoint(os.path.join(folder, _CHECKPOINT), ours) as checkpoint:
            adopt_all(options, ours, checkpoint, folder)
            course = Course(stop, RunStatus(None))
            counts = keep_pictures(options, inputs, checkpoint, course)
            found, truths = checkpoint.ref_count, inputs.truth.count
    if not options.quiet:
        say(_line(options, counts, found, truths))
    return ExitCode.OK


def _line(options: Options, walk: WalkCounts, found: int, truths: int) -> str:
    parts = [
        f"{plural(found)} found: {found - walk.kept} to score, {walk.kept} kept",
        *of_walk(walk),
        *([f"{truths} with truth"] if truths else []),
        "checked, and nothing is written",
    ]
    return f"{'; '.join(parts)} -> {options.output}"
