"""The outputs of a sharded run: are they one whole, and what do they come to together?"""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from batch_predict.checkpoint.resume import CHANGE_NO_ROW
from batch_predict.drift import Baseline
from batch_predict.drift.profile import read_profile
from batch_predict.errors import InputError, UsageError
from batch_predict.manifest import manifest
from batch_predict.manifest.run_counts import Outcome
from batch_predict.records import Status
from batch_predict.shard import Shard
from batch_predict.storage import fetch
from batch_predict.storage.output_paths import manifest_file


class Part(NamedTuple):
    """One shard's CSV."""

    csv: str
    local: str  # where it can be read
    shard: Shard
    about: dict[str, Any]  # its manifest


def read_part(csv: str) -> Part:
    """The part at `csv`, by the manifest beside it.

    Raises:
        UsageError: it can't be read, has no manifest or another CSV's, or is of no shard.
    """
    if not csv.endswith(".csv"):
        raise UsageError(f"parts are CSVs (those in Parquet are a dataset as they are), not {csv}")
    try:
        local = fetch(csv) or csv
        fetch(manifest_file(csv))  # so that it lies beside
        about = manifest.read(local)
    except OSError as error:
        raise UsageError(f"can't read {csv}: {error.strerror}") from error
    except InputError as error:
        raise UsageError(str(error)) from error
    if "arguments" not in about:
        raise UsageError(f"{csv} has no manifest beside it to say which shard it is")
    if not about["arguments"].get("shard"):
        raise UsageError(f"{csv} is no shard: its run was not made with --shard")
    return Part(csv, local, Shard.parse(about["arguments"]["shard"]), about)


def check(parts: Sequence[Part]) -> None:
    """Raises UsageError where `parts` are not all the shards of one run, each once."""
    kinds = [json.dumps(_kind(part)) for part in parts]
    usual, _ = Counter(kinds).most_common(1)[0]
    for part, kind in zip(parts, kinds, strict=True):
        if kind != usual:
            ours, theirs = json.loads(usual), json.loads(kind)
            differing = sorted(k for k in ours | theirs if ours.get(k) != theirs.get(k))
            raise UsageError(f"{part.csv} is of another run: another {' and '.join(differing)}")
    seen: dict[Shard, str] = {}
    for part in parts:
        if part.shard in seen:
            raise UsageError(f"{part.csv} is shard {part.shard}, and so is {seen[part.shard]}")
        seen[part.shard] = part.csv
    count = parts[0].shard.count
    missing = [str(s) for s in (Shard(i, count) for i in range(count)) if s not in seen]
    if missing:
        raise UsageError(f"shard {', '.join(missing)} is missing")
    found, walked = sum(part.about["found"] for part in parts), parts[0].about["walked"]
    if found != walked:
        raise UsageError(
            f"the parts hold {found} of {walked} pictures: the folder changed between their runs"
        )


def together(parts: Sequence[Part], baseline: Baseline | None) -> dict[str, Any]:
    """What came of the pictures of all `parts`, and when, as a manifest says it."""
    abouts = [part.about for part in parts]
    started = min(about["started"] for about in abouts)
    ended = max(about["ended"] for about in abouts)
    duration = datetime.fromisoformat(ended) - datetime.fromisoformat(started)
    duration_s = max(duration.total_seconds(), 1e-3)
    came_of, kept = manifest.came_of(_outcome(abouts), baseline), sum(a["kept"] for a in abouts)
    return {
        **came_of,
        "kept": kept,
        "started": started,
        "ended": ended,
        "duration_s": duration_s,
        "pictures_per_s": round((came_of["found"] - kept) / duration_s, 1),
        "parts": [
            {name: about[name] for name in ("output", "csv_sha256", "host", "started", "ended")}
            for about in abouts
        ],
    }


def _kind(part: Part) -> dict[str, Any]:
    """All that must be the same in every part."""
    about = part.about
    asked = {k: v for k, v in about["arguments"].items() if k not in CHANGE_NO_ROW}
    return {
        **asked,
        **about["versions"],
        "in_dir": about["in_dir"],
        "model": about["model"]["sha256"],
        "review_below": about["model"]["review_below"],
        "probabilities": about["arguments"]["probabilities"],
        "truth_source": about["truth_source"],
        "truth_sha256": about["truth_sha256"],
        "number of shards": part.shard.count,
        "number of pictures in the folder": about["walked"],
    }


def _outcome(abouts: Sequence[dict[str, Any]]) -> Outcome:
    whole = Outcome()
    for about in abouts:
        for status in Status:
            whole.counts[status] += about["counts"][status]
            for code, n in about["reasons"][status].items():
                whole.codes[status, code] += n
        whole.profile += read_profile(about["profile"])
    return whole
