"""What the walk finds and the shard holds is kept in the checkpoint, with its truth."""

import logging
from collections.abc import Iterable, Iterator
from typing import Final

from batch_predict.checkpoint.checkpoint_file import Checkpoint
from batch_predict.checkpoint.last_answer import keep_last_answer
from batch_predict.checkpoint.rehash import forget_changed
from batch_predict.errors import InputError, UsageError
from batch_predict.manifest.gates import check_can_be_met
from batch_predict.manifest.ownership import is_absent
from batch_predict.manifest.summary import counted
from batch_predict.manifest.walk_counts import Gone, WalkCounts
from batch_predict.options import Options
from batch_predict.process.run_status import Course
from batch_predict.records import ImageRef
from batch_predict.shard import Shard
from batch_predict.stages.inputs import Inputs
from batch_predict.storage import Listing
from batch_predict.storage.left_out import LeftOut
from batch_predict.storage.walk_digest import WalkDigest
from batch_predict.truth import Truth

_LOGGER: Final = logging.getLogger(__name__)


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
    walk = _share_of(inputs, shard)
    walk.take_label = truth.in_archive.add
    stop, status = course
    listed: Iterable[ImageRef] = status.counted(walk, lambda _: 1)
    if truth.needs_all_paths or walk.repeats:
        checkpoint.store_walk(stop.interruptible(listed), repeats=walk.repeats)
        if options.files_from is not None and options.incremental:
            _check_last_answer(options, checkpoint)
            keep_last_answer(checkpoint, inputs.source, is_local=walk.is_local)
        listed = checkpoint.stored_walk()
        truth.match(
            lambda: (ref.path for ref in stop.interruptible(checkpoint.stored_walk())),
            are_all=options.incremental or not walk.is_part,
        )
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
    _check_found(options, walk, walked, truth)
    sha256 = digest.sha256() if digest else None
    decided_paths = stop.interruptible(inputs.decided_paths)
    forget_changed(checkpoint, inputs.source, decided_paths)
    is_whole = options.incremental and options.files_from is None
    gone = Gone(*checkpoint.gone) if is_whole else None
    return WalkCounts(walked, walk.skipped, checkpoint.row_count, sha256, gone, walk.cut)


def _check_last_answer(options: Options, checkpoint: Checkpoint) -> None:
    """Look for the answers that a list of files does not name, before it would replace their table.

    Raises:
        UsageError: there is such a table, and nothing of it was kept.
    """
    if checkpoint.is_new and not options.overwrite and not is_absent(options.output):
        raise UsageError(
            f"{options.output} is there, but no answers are kept beside it, so rows that"
            " --files-from does not name would be lost: run once without it, or say --overwrite"
        )


def _check_found(options: Options, walk: Listing, walked: int, truth: Truth) -> None:
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
    if walk.skipped[LeftOut.UNREAD_LABELS] and not (options.no_labels or options.labels):
        mend = "extract it, and name it with --labels"
        _LOGGER.warning("%s is not read: %s", LeftOut.UNREAD_LABELS, mend)
    for warning in truth.warnings():
        _LOGGER.warning("%s", warning)
    if walk.cut is None:
        check_can_be_met(options, has_truth=truth.count > 0)


def _share_of(inputs: Inputs, shard: Shard | None) -> Listing:
    """What is to be listed: all, or what falls to `shard` where that can be told before."""
    if shard is None or inputs.truth.needs_all_paths:
        return inputs.walk
    return inputs.walk.share(shard) or inputs.walk
