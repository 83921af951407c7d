"""`out.run.json`, the manifest: what a run was asked, what it used, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from batch_predict.errors import ExitCode
from batch_predict.manifest.clock import time_text
from batch_predict.manifest.json_object import JsonObject
from batch_predict.manifest.run_record import RunRecord

# The shares that manifests of 1.0 lack.
_SILENTLY_WRONG: Final = "silently_wrong"
_ERRORS_AMONG_OK: Final = "errors_among_ok"


@dataclass(frozen=True)
class Share:
    """A share of pictures, and its interval of 95%; both None where there are none."""

    value: float | None
    interval: tuple[float, float] | None

    def to_json(self, name: str) -> dict[str, Any]:
        """The two fields of a manifest that hold it."""
        interval = None if self.interval is None else list(self.interval)
        return {name: self.value, f"{name}_interval": interval}

    @classmethod
    def from_json(cls, manifest: JsonObject, name: str) -> "Share":
        """What `to_json` wrote; raises ValueError for anything else."""
        interval = manifest.optional(manifest.numbers, f"{name}_interval")
        if interval is not None and len(interval) != 2:
            raise manifest.error(f"{name}_interval", "two numbers")
        value = manifest.optional(manifest.number, name)
        return cls(value, None if interval is None else (interval[0], interval[1]))


@dataclass(frozen=True)
class ReportFigures:
    """What the report beside the table says, and the sha256 of its two files."""

    accuracy: Share
    silently_wrong: Share | None  # of all with truth, `ok` and wrong; None: of a report of 1.0
    errors_among_ok: Share | None  # of the `ok` with truth, wrong; None: of a report of 1.0
    with_truth: int  # pictures
    hashes: tuple[str, str]  # sha256 of the JSON and of the page

    def to_json(self) -> dict[str, Any]:
        """The fields of a manifest that hold it."""
        shares = {
            "accuracy": self.accuracy,
            _SILENTLY_WRONG: self.silently_wrong,
            _ERRORS_AMONG_OK: self.errors_among_ok,
        }
        return {
            **{
                field: value
                for name, share in shares.items()
                if share is not None
                for field, value in share.to_json(name).items()
            },
            "with_truth": self.with_truth,
            "report_sha256": list(self.hashes),
        }

    @classmethod
    def from_json(cls, manifest: JsonObject) -> "ReportFigures | None":
        """What `to_json` wrote, None where nothing is; raises ValueError for anything else."""
        fields = ("accuracy", "accuracy_interval", "with_truth", "report_sha256")
        if not any(field in manifest for field in fields):
            return None
        silently_wrong, among_ok = (
            Share.from_json(manifest, name) if name in manifest else None
            for name in (_SILENTLY_WRONG, _ERRORS_AMONG_OK)
        )
        hashes = manifest.texts("report_sha256")
        if len(hashes) != 2:
            raise manifest.error("report_sha256", "two hashes")
        return cls(
            Share.from_json(manifest, "accuracy"),
            silently_wrong,
            among_ok,
            manifest.count("with_truth"),
            (hashes[0], hashes[1]),
        )


@dataclass(frozen=True)
class PartRecord:
    """One shard of a run that was merged."""

    output: str
    csv_sha256: str
    host: str
    started: datetime
    ended: datetime

    @classmethod
    def of(cls, record: RunRecord) -> "PartRecord":
        """The shard that `record` tells of."""
        where = (record.options.output, record.csv_sha256, record.invocation.host)
        return cls(*where, record.times.started, record.times.ended)

    def to_json(self) -> dict[str, Any]:
        """One object of the field `parts` of a manifest."""
        return vars(self) | {"started": time_text(self.started), "ended": time_text(self.ended)}

    @classmethod
    def from_json(cls, form: JsonObject) -> "PartRecord":
        """What `to_json` wrote; raises ValueError for anything else."""
        where = (form.text("output"), form.text("csv_sha256"), form.text("host"))
        return cls(*where, form.time("started"), form.time("ended"))


@dataclass(frozen=True)
class Manifest:
    """Everything about a finished run."""

    record: RunRecord
    report: ReportFigures | None  # None: there is no report
    exit_code: ExitCode
    parts: tuple[PartRecord, ...] = ()  # of a merged run; empty: it was run as a whole

    def to_json(self) -> dict[str, Any]:
        """The manifest as its file holds it: plain dicts, lists, texts and numbers."""
        record = self.record.to_json()
        report = self.report.to_json() if self.report else {}
        exit_code = {"exit_code": int(self.exit_code)}
        if self.parts:
            parts = [part.to_json() for part in self.parts]
            return {**record, **exit_code, "parts": parts, **report}
        return {**record, **report, **exit_code}

    @classmethod
    def from_json(cls, form: object) -> "Manifest":
        """The manifest that `to_json` gave as `form`.

        Raises:
            ValueError: a part is missing or of another type; the message says which, and what
                it is.
        """
        manifest = JsonObject(form)
        code = manifest.count("exit_code")
        if code not in list(ExitCode):
            raise manifest.error("exit_code", "an exit code")
        parts = manifest.children("parts") if "parts" in manifest else []
        return cls(
            RunRecord.from_json(manifest),
            ReportFigures.from_json(manifest),
            ExitCode(code),
            tuple(map(PartRecord.from_json, parts)),
        )
