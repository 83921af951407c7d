"""Whether parts are the whole of one sharded run."""

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Final

from batch_predict.checkpoint.fingerprint import fingerprint
from batch_predict.errors import UsageError
from batch_predict.merge.parts import Part
from batch_predict.merge.sums import sum_walks
from batch_predict.plural import plural
from batch_predict.shard import Shard

_LOGGER: Final = logging.getLogger(__name__)


def check_whole(parts: Sequence[Part]) -> None:
    """Raises UsageError where `parts` are not all the shards of one run, each once.

    Parts of 1.0.0 do not say what was walked; that is a warning.
    """
    runs = [_of_run(part) for part in parts]
    (usual, _), *_ = Counter(tuple(sorted(run.items())) for run in runs).most_common(1)
    expected = dict(usual)
    for part, run in zip(parts, runs, strict=True):
        differing = sorted(k for k in expected | run if expected.get(k) != run.get(k))
        if differing:
            raise UsageError(f"{part.csv} is of another run: another {' and '.join(differing)}")
    _check_same_walk(parts)
    seen: dict[Shard, str] = {}
    for part in parts:
        if part.shard in seen:
            raise UsageError(f"{part.csv} is shard {part.shard}, and so is {seen[part.shard]}")
        seen[part.shard] = part.csv
    count = parts[0].shard.count
    missing = [str(s) for s in (Shard(i, count) for i in range(count)) if s not in seen]
    if missing:
        raise UsageError(f"shard {', '.join(missing)} is missing")
    found = sum(part.record.counts.found for part in parts)
    walked = sum_walks(parts).walked
    if found != walked:
        raise UsageError(
            f"the parts hold {found} of {plural(walked)}: the folder changed between their runs"
        )


def _check_same_walk(parts: Sequence[Part]) -> None:
    """Raises UsageError where the runs of `parts` did not find the same files, unchanged.

    Parts that were cut before they were listed do not tell; that is a warning, too. What the hash
    of one list was cut by is the same: `_of_run` has it.
    """
    cut = parts[0].record.walk.cut
    if cut is not None and cut.sha256 is not None:
        return
    if cut is not None:
        _LOGGER.warning(
            "each part listed its own share alone, by %s: whether all parts are of the same"
            " pictures is not known",
            cut.by,
        )
        return
    told = [part for part in parts if part.record.walk.sha256 is not None]
    if told:
        (usual, _), *_ = Counter(part.record.walk.sha256 for part in told).most_common(1)
        for part in told:
            if part.record.walk.sha256 != usual:
                raise UsageError(
                    f"{part.csv} is of another run: the folder held other pictures, or other"
                    " versions of them"
                )
    untold = [part.csv for part in parts if part.record.walk.sha256 is None]
    if untold:
        _LOGGER.warning(
            "made by version 1.0.0, which kept no record of which pictures the folder held: %s."
            " Whether all parts are of the same is not known",
            " and ".join(untold),
        )


def _of_run(part: Part) -> dict[str, object]:
    """All that is the same in every part of one run."""
    record = part.record
    cut = record.walk.cut
    is_whole = {
        "truth_source": record.truth.source,
        "number of pictures in the folder": record.walk.walked,
    }
    is_share = {name: vars(record.options)[name] for name in ("label_pattern", "no_labels")}
    return {
        **fingerprint(record.invocation, record.model, record.options.in_dir),
        "review_below": record.model.review_below,
        "probabilities": record.options.probabilities,
        "decisions": record.decisions and record.decisions.hashes,
        "truth_sha256": record.truth.sha256,
        "number of shards": part.shard.count,
        "cut into shards": cut,
        **(is_whole if cut is None else is_share),
    }
