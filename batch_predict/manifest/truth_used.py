"""The ground truth that a run found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from batch_predict.manifest.json_object import JsonObject
from batch_predict.tables.csv_paths import as_text
from batch_predict.truth import Truth
from batch_predict.truth.findings import Finding
from batch_predict.truth.labels_file import MATCHED
from batch_predict.truth.truth import WITHOUT


@dataclass(frozen=True)
class TruthUsed:
    """Where ground truth came from, and what is odd about it."""

    source: str | None  # None: no picture has any
    sha256: str | None  # of the labels file, where one is the source
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, truth: Truth) -> "TruthUsed":
        """`truth`, after it was asked for all pictures."""
        return cls(
            as_text(truth.source) if truth.source and truth.count else None,
            truth.labels_file.sha256 if truth.labels_file else None,
            tuple(truth.findings()),
        )

    @property
    def without(self) -> Finding | None:
        """The pictures without truth; None where there are none."""
        return self._named(WITHOUT)

    @property
    def matched(self) -> Mapping[str, int]:
        """How many labels were matched otherwise than as they stand, by how."""
        found = {how: self._named(what) for how, what in MATCHED.items()}
        return {how: finding.count for how, finding in found.items() if finding}

    def _named(self, what: str) -> Finding | None:
        return next((each for each in self.findings if each.what == what), None)

    def to_json(self) -> dict[str, Any]:
        """The fields of a manifest that hold it."""
        return {
            "truth_source": self.source,
            "truth_sha256": self.sha256,
            "truth_findings": [
                {"what": each.what, "count": each.count, "examples": list(each.examples)}
                for each in self.findings
            ],
        }

    @classmethod
    def from_json(cls, manifest: JsonObject) -> "TruthUsed":
        """What `to_json` wrote; raises ValueError for anything else."""
        return cls(
            manifest.optional(manifest.text, "truth_source"),
            manifest.optional(manifest.text, "truth_sha256"),
            tuple(
                Finding(each.text("what"), each.count("count"), each.texts("examples"))
                for each in manifest.children("truth_findings")
            ),
        )
