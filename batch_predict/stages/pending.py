"""The pictures that have no row yet are scored, and their rows kept in the checkpoint."""

from contextlib import closing

from batch_predict.checkpoint.checkpoint_file import Checkpoint
from batch_predict.engines import find_engine
from batch_predict.options import Options
from batch_predict.prepare import Prepare
from batch_predict.process.progress import progress
from batch_predict.process.run_status import Course
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.scale import Scale
from batch_predict.scoring import LateNetworks, Scorer, plan_of
from batch_predict.stages.inputs import Inputs


def score_pending(
    options: Options,
    inputs: Inputs,
    networks: LateNetworks,
    checkpoint: Checkpoint,
    course: Course,
) -> None:
    """Score the pictures that have no row in the checkpoint yet, and keep their rows there.

    Raises:
        InputError: the folder went away.
        ModelError: the model can't be loaded, or its outputs are no probabilities.
    """
    done, total = checkpoint.row_count, checkpoint.ref_count
    if done == total:
        return
    engine = find_engine(options.engine)
    plan, batch_size = plan_of(inputs.model, options.preprocess), options.batch_size

    def make_scorer() -> Scorer:
        return Scorer(networks(), plan, batch_size)  # the outputs see to the review

    stop, status = course
    status.begin("scoring", done, total)
    refs = stop.until_signal(checkpoint.pending())
    verbose, quiet = options.verbose, options.quiet
    with closing(engine(refs, Prepare.of(options), make_scorer, options)) as batches:
        counted = status.counted(batches, len)
        for rows in progress(counted, done, total, verbose=verbose, quiet=quiet):
            # What is kept must be from the folder that was walked.
            if inputs.walk.is_local or rows.are_transient().any():
                inputs.walk.check_present()
            checkpoint.add(rows)
    if networks.is_loaded:  # not where the engine scores elsewhere
        checkpoint.scale = networks().classifier.scale
    stop.check()  # a signal ends `refs` early, without an error


def scale_used(model: ModelFile, networks: LateNetworks, checkpoint: Checkpoint) -> Scale:
    """The scale on which the model takes pixels: that of its card, or what was found in scoring.

    Where nothing was scored in this process, now or before, the model is loaded for it.

    Raises:
        ModelError: the model can't be loaded, or its scale can't be told.
    """
    if model.scale is not None:
        return model.scale
    scale = checkpoint.scale
    if scale is None:
        checkpoint.scale = scale = networks().classifier.scale
    return scale
