"""The decisions that a run took, as a manifest holds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from batch_predict.decisions.apply import DecisionCounts, Decisions, Moved
from batch_predict.decisions.decision import Decision
from batch_predict.manifest.json_object import JsonObject

_MOVED: Final = "moved"


class DecisionsRead(NamedTuple):
    """A file of decisions."""

    path: str  # or its address in a bucket
    sha256: str


@dataclass(frozen=True)
class DecisionsUsed:
    """What a run took decisions from, and what became of them."""

    files: tuple[DecisionsRead, ...]
    counts: DecisionCounts

    @classmethod
    def of(cls, decisions: Decisions, counts: DecisionCounts) -> "DecisionsUsed":
        """`decisions`, after all rows were written."""
        return cls(tuple(DecisionsRead(f.address, f.sha256) for f in decisions.files), counts)

    @classmethod
    def sum_of(cls, parts: Sequence["DecisionsUsed"]) -> "DecisionsUsed":
        """That of a run whose shards took the same files."""
        return cls(parts[0].files, DecisionCounts.sum_of([part.counts for part in parts]))

    @property
    def hashes(self) -> tuple[str, ...]:
        """The sha256 of each file, in the order in which they count."""
        return tuple(file.sha256 for file in self.files)

    def to_json(self) -> dict[str, Any]:
        """The field `decisions` of a manifest."""
        moved = self.counts.moved
        return {
            "files": [file._asdict() for file in self.files],
            "by_decision": {str(each): n for each, n in self.counts.by_decision.items()},
            "disputed": self.counts.disputed,
            "no_longer_fitting": self.counts.unfit,
            **({} if moved is None else {_MOVED: moved._asdict()}),
        }

    @classmethod
    def from_json(cls, form: JsonObject) -> "DecisionsUsed":
        """What `to_json` wrote; raises ValueError for anything else."""
        by_decision = form.child("by_decision")
        return cls(
            tuple(
                DecisionsRead(each.text("path"), each.text("sha256"))
                for each in form.children("files")
            ),
            DecisionCounts(
                {each: by_decision.count(each) for each in Decision},
                form.count("disputed"),
                form.count("no_longer_fitting"),
                form.part(lambda moved: Moved(moved.texts("gone"), moved.texts("come")), _MOVED),
            ),
        )
