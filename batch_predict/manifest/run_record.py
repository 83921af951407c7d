"""All that is known of a run once its table is written."""

from dataclasses import dataclass
from typing import Any, Final

from batch_predict.drift import Drift
from batch_predict.drift.profile import Profile
from batch_predict.manifest.clock import Times, time_text
from batch_predict.manifest.decisions_used import DecisionsUsed
from batch_predict.manifest.expected import Expected
from batch_predict.manifest.invocation import Invocation
from batch_predict.manifest.json_object import JsonObject
from batch_predict.manifest.model_used import ModelUsed
from batch_predict.manifest.new_since_last import NewSinceLast
from batch_predict.manifest.promised import Promised
from batch_predict.manifest.run_counts import RunCounts
from batch_predict.manifest.stored_options import options_from_json, options_to_json
from batch_predict.manifest.truth_used import TruthUsed
from batch_predict.manifest.walk_counts import WalkCounts
from batch_predict.options import Options

VERSION: Final = 1  # of the manifest's form
_DECISIONS: Final = "decisions"
_NEW: Final = "new_since_last"
_EXPECTED: Final = "expected"
_PROMISE: Final = "promise"


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """What was asked and used, and what came of it: what a report and the gates go by."""

    invocation: Invocation
    model: ModelUsed
    truth: TruthUsed
    walk: WalkCounts
    counts: RunCounts
    drift: Drift | None  # None: there is nothing to compare with
    csv_sha256: str
    times: Times
    # None: of a manifest that has no such field
    new_since_last: NewSinceLast | None = None
    expected: Expected | None = None
    decisions: DecisionsUsed | None = None  # None: there was no file of them
    promise: Promised | None = None  # None: `--max-error` was not asked for

    @property
    def options(self) -> Options:
        """The options of the run."""
        return self.invocation.options

    @property
    def scored(self) -> int:
        """How many pictures this run scored itself."""
        return self.counts.found - self.walk.kept

    def to_json(self) -> dict[str, Any]:
        """The fields of a manifest that hold it."""
        drift = self.drift
        return {
            "manifest_version": VERSION,
            "in_dir": self.options.in_dir,
            "output": self.options.output,
            "command": self.invocation.command,
            "arguments": options_to_json(self.options),
            "model": self.model.to_json(),
            "host": self.invocation.host,
            "versions": dict(self.invocation.versions),
            **self.truth.to_json(),
            **self.walk.to_json(),
            **self.counts.to_json(),
            "drift": drift
            and {
                **{"baseline": drift.baseline, "n": drift.n, "psi": drift.psi},
                **({} if drift.ways is None else {"ways": drift.ways}),
            },
            "csv_sha256": self.csv_sha256,
            "started": time_text(self.times.started),
            "ended": time_text(self.times.ended),
            "duration_s": self.times.duration_s,
            "pictures_per_s": round(self.scored / self.times.duration_s, 1),
            **({_EXPECTED: self.expected.to_json()} if self.expected else {}),
            **({_NEW: self.new_since_last.to_json()} if self.new_since_last else {}),
            **({_DECISIONS: self.decisions.to_json()} if self.decisions else {}),
            **({_PROMISE: self.promise.to_json()} if self.promise else {}),
        }

    @classmethod
    def from_json(cls, manifest: JsonObject) -> "RunRecord":
        """What `to_json` wrote; raises ValueError for anything else."""
        if manifest.count("manifest_version") != VERSION:
            raise manifest.error("manifest_version", f"{VERSION}, which this program reads")
        found = manifest.child("versions")
        invocation = Invocation(
            options_from_json(manifest),
            manifest.text("command"),
            manifest.text("host"),
            {name: found.text(name) for name in found},
        )
        manifest.number("pictures_per_s")  # it follows from counts and times
        return cls(
            invocation=invocation,
            model=ModelUsed.from_json(manifest.child("model")),
            truth=TruthUsed.from_json(manifest),
            walk=WalkCounts.from_json(manifest),
            counts=RunCounts.from_json(manifest),
            drift=manifest.optional(lambda name: _drift(manifest.child(name)), "drift"),
            csv_sha256=manifest.text("csv_sha256"),
            times=_times(manifest),
            new_since_last=manifest.part(NewSinceLast.from_json, _NEW),
            expected=manifest.part(Expected.from_json, _EXPECTED),
            decisions=manifest.part(DecisionsUsed.from_json, _DECISIONS),
            promise=manifest.part(Promised.from_json, _PROMISE),
        )


def _times(manifest: JsonObject) -> Times:
    duration_s = manifest.number("duration_s")
    if duration_s <= 0:
        raise manifest.error("duration_s", "above 0")
    return Times(manifest.time("started"), manifest.time("ended"), duration_s)


def _drift(form: JsonObject) -> Drift:
    psi = form.optional(form.child, "psi")
    indices = None if psi is None else {name: psi.number(name) for name in Profile._fields}
    found = form.given(form.child, "ways")
    ways = None if found is None else {name: found.text(name) for name in Profile._fields}
    return Drift(form.text("baseline"), form.count("n"), indices, ways)
