"""The JSON Schemas that ship say what the program writes: every field, and no other."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from batch_predict import job
from batch_predict.decisions.decision import Decided, Decision
from batch_predict.decisions.decisions_file import header_line, row_line
from batch_predict.drift import Drift
from batch_predict.drift.profile import Profile, profile_of
from batch_predict.errors import ExitCode
from batch_predict.evaluate.evaluation import Case
from batch_predict.manifest.expected import Expected
from batch_predict.manifest.manifest import Manifest
from batch_predict.manifest.stored_options import ADDED_SINCE_1_0, STORED
from batch_predict.merge.join_parts import merge
from batch_predict.options import Options
from batch_predict.records import Status
from batch_predict.report.cli import main as report
from batch_predict.report.compare import Change
from batch_predict.report.json_report import document
from batch_predict.report.report import Report
from batch_predict.review.cli import main as review
from batch_predict.runtimes.scale import Scale
from batch_predict.shard import Shard
from batch_predict.storage.file_hash import file_sha256
from tests.conftest import ROOT, SAMPLES, noise, save
from tests.support.fakes import expected
from tests.support.filled import Schema, filled
from tests.support.schemas import MANIFEST, REPORT, check_below, faults, read_json
from tests.support.spoilt import fields, replaced, without

MakeOptions = Callable[..., Options]
OF_1_0_0 = sorted((ROOT / "tests" / "golden" / "manifests_1_0_0").iterdir())
TIME = datetime(2026, 11, 27, tzinfo=UTC)
#: what a field holds, by its type
GIVEN: dict[Any, Any] = {
    **{str: "a", int: 1, float: 0.5, bool: True, datetime: TIME},
    **{ExitCode: ExitCode.OK, Status: Status.OK, Decision: Decision.DIGIT_1},
    Options: Options("in", "out.csv"),
    Mapping[str, str]: dict.fromkeys(("batch_predict", "python", "platform", "numpy"), "1"),
    Profile: profile_of([1], [0.9], [0.1]),
    Expected: Expected(0.5, 1),
    Scale: Scale(0, 255),
    Drift: Drift("a", 1, dict.fromkeys(Profile._fields, 0.5), dict.fromkeys(Profile._fields, "a")),
}
#: the same of a row without a label
WITHOUT_LABEL = {Case: Case(1, 7, None, None, None, Status.FAILED)}
WITHOUT_LABEL[Change] = Change(1, 7, 7, None, 0.9, None, Status.FAILED)


def plain(form: object) -> Any:
    """As it comes back from a file."""
    return json.loads(json.dumps(form))


@pytest.mark.parametrize("schema", [MANIFEST, REPORT], ids=["manifest", "report"])
def test_it_is_a_schema_and_says_of_each_object_what_it_may_hold(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)
    for path in [(), *fields(schema)]:
        part: Any = schema
        for name in path:
            part = part[name]
        if isinstance(part, dict) and "properties" in part and "type" in part:
            assert part["additionalProperties"] in (False, {"type": "string"}), path
            assert set(part["required"]) <= part["properties"].keys(), path


@pytest.mark.parametrize("path", OF_1_0_0, ids=lambda path: path.name)
def test_a_manifest_of_1_0_0_is_one(path: Path) -> None:
    assert faults(MANIFEST, read_json(path)) == []


def test_the_manifest_has_these_fields_and_no_other() -> None:
    whole = filled(Manifest, GIVEN)
    withheld = replace(whole, record=replace(whole.record, expected=Expected(None, 1, "why")))
    schema = Schema(MANIFEST)
    met = schema.met(plain(whole.to_json())) | schema.met(plain(withheld.to_json()))
    met |= {("arguments", name) for name in STORED}  # where it has its default, one may be absent
    met |= {("arguments", name, "*") for name in ("exclude", "decisions")}
    assert met == schema.fields()
    assert set(MANIFEST["properties"]["arguments"]["required"]) == set(STORED) - ADDED_SINCE_1_0


def test_a_manifest_with_every_field_is_read_as_it_was_written() -> None:
    whole = filled(Manifest, GIVEN)
    assert Manifest.from_json(plain(whole.to_json())) == whole


def test_the_report_has_these_fields_and_no_other() -> None:
    whole, without_label = filled(Report, GIVEN), filled(Report, GIVEN | WITHOUT_LABEL)
    record = replace(whole.record, expected=Expected(None, 1, "why"))
    schema = Schema(REPORT)
    both = (document(whole), document(replace(without_label, record=record)))
    assert set().union(*(schema.met(plain(form)) for form in both)) == schema.fields()


class Nights:
    """Runs with the fake runtime, whose outputs lie below one folder."""

    def __init__(self, folder: Path, options: MakeOptions) -> None:
        self.folder = folder
        self._options = options

    def pictures(self, count: int, *, truth: bool = True) -> None:
        """Of each a file in the folder of its digit, but for every tenth, which is of another."""
        for seed in range(count):
            label = str((expected(noise(seed))[0] + (seed % 10 == 0)) % 10) if truth else "scans"
            save(self.folder / "in" / label / f"{seed}.png", noise(seed))

    def run(self, name: str = "out.csv", code: ExitCode = ExitCode.OK, **changes: object) -> Path:
        """A run into `name` that ends with `code`."""
        output = self.folder / name
        given = {"engine": "here", "quiet": True, "output": str(output), **changes}
        assert job.run(self._options(**given)) is code
        return output

    def manifest(self, name: str = "out") -> Any:
        return read_json(self.folder / f"{name}.run.json")

    def report(self, name: str = "out") -> Any:
        return read_json(self.folder / f"{name}.report.json")


@pytest.fixture
def nights(tmp_path: Path, options: MakeOptions, engine: object) -> Nights:
    return Nights(tmp_path, options)


def with_truth(nights: Nights) -> None:
    """Labels with groups and with odd rows, a file that fails, every column."""
    nights.pictures(40)
    (nights.folder / "in" / "bad.png").write_text("no picture")
    labels = "".join(
        f"{path.name},{path.parent.name},{'ab'[n % 2]}\n"
        for n, path in enumerate(sorted((nights.folder / "in").rglob("*.png")))
        if path.name != "bad.png"
    )
    (nights.folder / "labels.csv").write_text(
        f"path,label,writer\n{labels}gone.png,3,a\nbad.png,7,b\n0.png,eight,a\n"
    )
    nights.run(
        labels=str(nights.folder / "labels.csv"),
        probabilities=True,
        max_failures="1%",
        code=ExitCode.FAILURES,
    )
    assert nights.report()["by_column"]["writer"]
    assert nights.report()["without_label"][0]["reason"].startswith("not_an_image")
    assert nights.manifest()["truth_findings"]


def without_truth(nights: Nights) -> None:
    """A table of another form, options of every type."""
    nights.pictures(5, truth=False)
    nights.run(
        "out.jsonl",
        exclude=["a", "b*"],
        image_timeout="inf",
        max_review="0.00001%",
        max_failures=3,
        overwrite=True,
        metrics_file=str(nights.folder / "out.prom"),
        baseline=None,
    )
    assert nights.manifest()["truth_source"] is None


def a_gate_is_not_met(nights: Nights) -> None:
    nights.pictures(20)
    nights.run(min_accuracy=0.99, review_below=0.9, max_review="1%", code=ExitCode.GATE)


def incremental_nights(nights: Nights) -> None:
    """The second finds other pictures, and that some are gone."""
    nights.pictures(20)
    nights.run(incremental=True)
    for path in sorted((nights.folder / "in").rglob("*.png"))[:3]:
        path.unlink()
    save(nights.folder / "in" / "1" / "new.png", noise(99))
    nights.run(incremental=True)
    assert nights.manifest()["gone"] == {"pictures": 3, "of": 20}
    assert nights.manifest()["new_since_last"]["last_csv_sha256"]


def drift_from_a_baseline(nights: Nights) -> None:
    nights.pictures(210)
    nights.run("before.csv")
    nights.run(baseline=str(nights.folder / "before.run.json"), max_drift="inf")
    assert nights.manifest()["drift"]["psi"]["digits"] == 0


def shards(nights: Nights) -> None:
    nights.pictures(20)
    parts = [str(nights.run(f"{n}.csv", shard=Shard(n, 2))) for n in range(2)]
    assert merge(parts, str(nights.folder / "out.csv")) is ExitCode.OK
    assert len(nights.manifest()["parts"]) == 2


def decisions(nights: Nights) -> None:
    nights.pictures(20)
    table = header_line()
    for path, decision in zip(
        sorted((nights.folder / "in").rglob("*.png")), Decision, strict=False
    ):
        decided = Decided(path.name, file_sha256(str(path)), decision, "2026-11-27T08:30:00Z", "me")
        table += row_line(decided)
    for name in ("out.decisions.csv", "theirs.csv"):
        (nights.folder / name).write_text(table)
    nights.run(decisions=[str(nights.folder / "theirs.csv")])
    assert nights.manifest()["counts"]["decided"] == len(Decision)
    assert len(nights.manifest()["decisions"]["files"]) == 2


def audit_and_promise(nights: Nights) -> None:
    """One person answers, then another; a promise is kept, and one is not."""
    nights.pictures(60)
    table = str(nights.run("old.csv"))
    assert review([table, "--audit", "40"]) == 0
    plan = read_json(nights.folder / "old.audit.json")
    for by, wrong in (("Anna", ()), ("Bert", (3,))):
        lines = "path,content,answer,answered_at,by,note\n"
        for n, asked in enumerate(plan["asked"]):
            drawn = plan["pictures"][asked]
            answer = "none" if asked in wrong else drawn["label"]
            cells = (drawn["path"], drawn["content"], answer, f"2026-11-27T03:00:{n:02}Z", by, "")
            lines += ",".join(map(str, cells)) + "\n"
        (nights.folder / f"{by}.csv").write_text(lines)
    both = [f"--audit={nights.folder / by}.csv" for by in ("Anna", "Bert")]
    assert report([table, both[0]]) == 0
    assert nights.report("old.audit")["audit"]["kappa"] is None
    assert report([table, *both]) == 0
    assert nights.report("old.audit")["audit"]["to_settle"]
    (nights.folder / "old.audit.csv").write_text((nights.folder / "Anna.csv").read_text())
    answers = str(nights.folder / "old.audit.csv")
    nights.run(max_error="20%", audit=answers)
    nights.run("no.csv", max_error="0.1%", audit=answers, code=ExitCode.GATE)
    assert nights.manifest()["promise"]["threshold"] is not None
    assert nights.manifest("no")["promise"]["threshold"] is None


def archives_and_a_list(nights: Nights) -> None:
    from zipfile import ZipFile

    nights.pictures(20)
    with ZipFile(nights.folder / "in" / "more.zip", "w") as archive:
        for path in sorted((nights.folder / "in").rglob("*.png"))[:4]:
            archive.write(path, f"7/{path.name}")
    nights.run("archives.csv", archives=True)
    assert nights.manifest("archives")["found"] == 24
    nights.run("one.csv", in_dir=str(nights.folder / "in" / "more.zip"))
    listed = [str(p.relative_to(nights.folder / "in")) for p in nights.folder.rglob("1?.png")]
    (nights.folder / "list").write_text("\0".join(listed))
    nights.run("list.csv", files_from=str(nights.folder / "list"), null=True)


def reports_of_their_own(nights: Nights) -> None:
    """Against an earlier table, and of one without a manifest."""
    nights.pictures(30)
    before, now = nights.run("before.csv"), nights.run(review_below=0.8)
    lines = before.read_text().splitlines()
    lines[1] = lines[1].replace(",ok,", ",ok,", 1)
    assert report([str(now), "--compare", str(before)]) == 0
    assert nights.report()["comparison"]["earlier"]["model"]
    bare = nights.folder / "bare.csv"
    path, label, *rest = lines[1].split(",")
    lines[1] = ",".join((path, str((int(label) + 1) % 10), *rest))
    lines[2] = f"{lines[2].split(',')[0]},,,failed,corrupt: spoilt,{lines[2].split(',')[-1]}"
    bare.write_text("\n".join(lines) + "\n")
    assert report([str(bare), "--compare", str(now)]) == 0
    assert nights.report("bare")["provenance"]["model"] is None
    assert {each["label"] for each in nights.report("bare")["comparison"]["changed"]} >= {None}


@pytest.mark.parametrize(
    "night",
    [
        with_truth,
        without_truth,
        a_gate_is_not_met,
        incremental_nights,
        drift_from_a_baseline,
        shards,
        decisions,
        audit_and_promise,
        archives_and_a_list,
        reports_of_their_own,
    ],
    ids=lambda night: night.__name__,
)
def test_what_runs_write_is_as_the_schemas_say(
    night: Callable[[Nights], None], nights: Nights
) -> None:
    night(nights)
    assert check_below(nights.folder)


@pytest.fixture(scope="module")
def of_samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a real run over the sample pictures."""
    from batch_predict import score

    folder = tmp_path_factory.mktemp("samples")
    score(str(SAMPLES), str(folder / "out.csv"), runtime="onnx", probabilities=True)
    return folder


def test_a_real_run_is_as_the_schemas_say(of_samples: Path) -> None:
    assert check_below(of_samples) == {"out.run.json", "out.report.json"}
    told = read_json(of_samples / "out.run.json")
    assert {"scale", "looks_sha256", "ink_sha256", "normalizer"} <= told["model"].keys()
    assert "seen_in_training" in told


#: fields without which a manifest is one still: they name themselves, or some runs have none
MAY_BE_ABSENT = {
    *(("versions", "*"), ("left_out", "*"), ("reasons", "*", "*"), ("seen_in_training",)),
    *(("model", "scale"), ("model", "looks_sha256")),
    *(("drift", "ways"), ("by_column", "*")),
}


@pytest.mark.parametrize(
    ("schema", "name"),
    [pytest.param(MANIFEST, "out.run.json"), pytest.param(REPORT, "out.report.json")],
    ids=["manifest", "report"],
)
def test_a_missing_a_misnamed_and_a_mistyped_field_are_caught(
    of_samples: Path, schema: dict[str, Any], name: str
) -> None:
    is_one = Draft202012Validator(schema).is_valid
    whole = shortened(read_json(of_samples / name))
    assert is_one(whole)
    missed = []
    for path in fields(whole):
        if isinstance(path[-1], int) or set(path) & set(range(1, 10)):
            continue  # one element of a list stands for all
        fewer = without(whole, path)
        misnamed = replaced(fewer, (*path[:-1], f"{path[-1]} "), 1)
        changes = {"mistyped": replaced(whole, path, [{}])}
        if not may_be_absent(path):
            changes |= {"missing": fewer, "misnamed": misnamed}
        missed += [(path, how) for how, changed in changes.items() if is_one(changed)]
    assert missed == []


def shortened(form: Any) -> Any:
    """`form` with at most ten elements in each list."""
    if isinstance(form, dict):
        return {name: shortened(each) for name, each in form.items()}
    return [shortened(each) for each in form[:10]] if isinstance(form, list) else form


def may_be_absent(path: tuple[Any, ...]) -> bool:
    return any(
        len(path) == len(each) and all(a in ("*", b) for a, b in zip(each, path, strict=True))
        for each in MAY_BE_ABSENT
    )
