"""What a run came upon where its pictures lie."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from batch_predict.manifest.json_object import JsonObject
from batch_predict.storage.cut import Cut

_CUT: Final = "cut"


class Gone(NamedTuple):
    """Pictures that the last finished run found and this one does not."""

    pictures: int
    of: int  # that the last finished run found


@dataclass(frozen=True)
class WalkCounts:
    """What the walk of `in_dir` came upon."""

    walked: int  # pictures, those of other shards too where it is not `cut`
    skipped: Mapping[str, int]  # what is no picture, by category
    kept: int  # pictures that had a row already, from an earlier run
    # of a shard: path, size and version of each of `walked`; None: no shard, or one of 1.0.0
    sha256: str | None = None
    gone: Gone | None = None  # None: without `--incremental`, or a merged run
    cut: Cut | None = None  # what a shard went by that listed its share alone; None: all was listed

    def to_json(self) -> dict[str, Any]:
        """The fields of a manifest that hold it."""
        left_out = dict(sorted(self.skipped.items()))
        digest = {} if self.sha256 is None else {"walk_sha256": self.sha256}
        cut = {} if self.cut is None else {_CUT: self.cut._asdict()}
        gone = {} if self.gone is None else {"gone": self.gone._asdict()}
        counts = {"walked": self.walked, **digest, **cut, "left_out": left_out, "kept": self.kept}
        return {**counts, **gone}

    @classmethod
    def from_json(cls, manifest: JsonObject) -> "WalkCounts":
        """What `to_json` wrote; raises ValueError for anything else."""
        return cls(
            manifest.count("walked"),
            manifest.counts("left_out"),
            manifest.count("kept"),
            manifest.given(manifest.text, "walk_sha256"),
            manifest.part(lambda gone: Gone(gone.count("pictures"), gone.count("of")), "gone"),
            manifest.part(_cut, _CUT),
        )


def _cut(form: JsonObject) -> Cut:
    return Cut(form.text("by"), form.optional(form.text, "sha256"))
