"""All that is known of a run once its table is written."""

import platform
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from batch_predict.drift import Drift
from batch_predict.drift.profile import Profile
from batch_predict.manifest.clock import Times, time_text
from batch_predict.manifest.decisions_used import DecisionsUsed
from batch_predict.manifest.expected import Expected
from batch_predict.manifest.json_object import JsonObject
from batch_predict.manifest.new_since_last import NewSinceLast
from batch_predict.manifest.promised import Promised
from batch_predict.manifest.run_counts import RunCounts
from batch_predict.manifest.stored_options import options_from_json, options_to_json
from batch_predict.manifest.versions import versions
from batch_predict.options import Options
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.scale import Scale
from batch_predict.storage.cut import Cut
from batch_predict.tables.csv_paths import as_text
from batch_predict.truth import Truth
from batch_predict.truth.findings import Finding
from batch_predict.truth.labels_file import MATCHED
from batch_predict.truth.truth import WITHOUT

VERSION: Final = 1  # of the manifest's form
_CUT: Final = "cut"
_DECISIONS: Final = "decisions"
_NEW: Final = "new_since_last"
_EXPECTED: Final = "expected"
_PROMISE: Final = "promise"


@dataclass(frozen=True)
class Invocation:
    """What was asked, and where: the options, the command line, the host and its versions."""

    options: Options
    command: str  # as a shell takes it, but for bytes that are no text
    host: str
    versions: Mapping[str, str]  # of the program and the libraries an answer depends on, by name

    @classmethod
    def of_this_process(cls, options: Options) -> "Invocation":
        """That of the process which runs with `options`."""
        return cls(options, as_text(shlex.join(sys.orig_argv)), platform.node(), versions())


@dataclass(frozen=True)
class ModelUsed:
    """The model that scored, and the ink network that marked what it saw."""

    path: str
    sha256: str
    has_card: bool
    review_below: float | None  # the confidence below which a picture is for review
    scale: Scale | None  # that it takes pixels on; None: not known, as in manifests of 1.0.0
    looks_sha256: str | None  # of judges and rules in its card; None: it alone counts
    ink_sha256: str | None  # None: rules prepared the pictures, as in 1.0.0

    @classmethod
    def of(cls, model: ModelFile, ink: ModelFile) -> "ModelUsed":
        """`model`, which scores what `ink` marks; its scale as far as its card gives it."""
        return cls(
            model.path,
            model.sha256,
            model.card is not None,
            model.review_below,
            model.scale,
            model.looks.sha256() if model.looks else None,
            ink.sha256,
        )

    def to_json(self) -> dict[str, Any]:
        """The field `model` of a manifest."""
        form: dict[str, Any] = {
            "path": self.path,
            "sha256": self.sha256,
            "has_card": self.has_card,
            "review_below": self.review_below,
        }
        if self.scale is not None:
            form["scale"] = self.scale.to_json()
        if self.looks_sha256 is not None:
            form["looks_sha256"] = self.looks_sha256
        if self.ink_sha256 is not None:
            form["ink_sha256"] = self.ink_sha256
        return form

    @classmethod
    def from_json(cls, form: JsonObject) -> "ModelUsed":
        """What `to_json` wrote; raises ValueError for anything else."""
        return cls(
            form.text("path"),
            form.text("sha256"),
            form.flag("has_card"),
            form.optional(form.number, "review_below"),
            _scale(form) if "scale" in form else None,
            form.text("looks_sha256") if "looks_sha256" in form else None,
            form.text("ink_sha256") if "ink_sha256" in form else None,
        )


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
        gone = manifest.child("gone") if "gone" in manifest else None
        return cls(
            manifest.count("walked"),
            manifest.counts("left_out"),
            manifest.count("kept"),
            manifest.text("walk_sha256") if "walk_sha256" in manifest else None,
            None if gone is None else Gone(gone.count("pictures"), gone.count("of")),
            _cut(manifest.child(_CUT)) if _CUT in manifest else None,
        )


@dataclass(frozen=True)
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
            invocation,
            ModelUsed.from_json(manifest.child("model")),
            TruthUsed.from_json(manifest),
            WalkCounts.from_json(manifest),
            RunCounts.from_json(manifest),
            manifest.optional(lambda name: _drift(manifest.child(name)), "drift"),
            manifest.text("csv_sha256"),
            _times(manifest),
            NewSinceLast.from_json(manifest.child(_NEW)) if _NEW in manifest else None,
            Expected.from_json(manifest.child(_EXPECTED)) if _EXPECTED in manifest else None,
            DecisionsUsed.from_json(manifest.child(_DECISIONS)) if _DECISIONS in manifest else None,
            Promised.from_json(manifest.child(_PROMISE)) if _PROMISE in manifest else None,
        )


def _cut(form: JsonObject) -> Cut:
    return Cut(form.text("by"), form.optional(form.text, "sha256"))


def _scale(model: JsonObject) -> Scale:
    try:
        return Scale.read(list(model.numbers("scale")))
    except ValueError as error:
        raise model.error("scale", "two numbers that differ, such as [0, 255]") from error


def _times(manifest: JsonObject) -> Times:
    duration_s = manifest.number("duration_s")
    if duration_s <= 0:
        raise manifest.error("duration_s", "above 0")
    return Times(manifest.time("started"), manifest.time("ended"), duration_s)


def _drift(form: JsonObject) -> Drift:
    psi = form.optional(form.child, "psi")
    indices = None if psi is None else {name: psi.number(name) for name in Profile._fields}
    found = form.child("ways") if "ways" in form else None
    ways = None if found is None else {name: found.text(name) for name in Profile._fields}
    return Drift(form.text("baseline"), form.count("n"), indices, ways)
