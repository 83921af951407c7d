"""What decides a run's rows: those of two runs that differ in it are never mixed."""

from typing import Final

from batch_predict.checkpoint.schema import Fingerprint
from batch_predict.manifest.invocation import Invocation
from batch_predict.manifest.model_used import ModelUsed

#: options that change no row as it is stored; any other one makes a new start, for it might
CHANGE_NO_ROW: Final = frozenset(
    "in_dir output model review_below engine workers ray_address probabilities labels"
    " label_pattern no_labels decisions all_files archives files_from null follow_links exclude"
    " shard incremental max_failures min_accuracy max_error audit max_drift max_review max_gone"
    " baseline metrics_file save_prepared overwrite verbose quiet".split()
)


def fingerprint(invocation: Invocation, model: ModelUsed, in_dir: str) -> Fingerprint:
    """All that decides what a picture's row is, but for the picture; `in_dir` is its folder's.

    The scale of `model` is what its card gives: without one, file and versions decide it.
    """
    options = vars(invocation.options)
    return {
        **{name: value for name, value in options.items() if name not in CHANGE_NO_ROW},
        **invocation.versions,
        "in_dir": in_dir,
        "model": model.sha256,
        "scale": model.scale,
        "plan of looks": model.looks_sha256,
        "ink": model.preparation.ink_sha256,
        "normalizer": model.preparation.normalizer,
    }
