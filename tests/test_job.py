"""The whole job, in this process, with a runtime whose answers can be read off the pixels."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from batch_predict import job
from batch_predict.errors import ExitCode, InputError, ModelError, OutputError, UsageError
from batch_predict.looks import Looks, ReadAgain
from batch_predict.manifest.manifest import Manifest
from batch_predict.normalize.modes import Preprocess
from batch_predict.option_values import Limit
from batch_predict.options import Options
from batch_predict.records import Batch
from batch_predict.runtimes import RUNTIMES, Classifier, Network, Runtime
from batch_predict.runtimes.looks_plan import LooksPlan
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.scale import BYTE
from batch_predict.shard import Shard
from batch_predict.storage.folder_walk import FolderWalk
from tests.conftest import noise, save
from tests.support import fakes, looks

MakeOptions = Callable[..., Options]


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def bad_file(kind: str, path: Path) -> None:
    save(path, noise(1))
    whole = path.read_bytes()
    path.write_bytes(
        {"empty": b"", "text": b"not a picture", "cut": whole[: len(whole) // 2]}[kind]
    )


KINDS = st.sampled_from(["good", "good", "good", "empty", "text", "cut", "other"])
NAMES = st.text('ab=-,"\n é', min_size=1, max_size=4)
TREES = st.dictionaries(
    st.tuples(st.sampled_from(["", "3/", "x/7/", "=9/"]), NAMES).map("".join),
    KINDS,
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tree=TREES, batch_size=st.integers(1, 5))
def test_one_row_each_in_order_with_its_own_answer(
    tree: dict[str, str],
    batch_size: int,
    tmp_path_factory: pytest.TempPathFactory,
    options: MakeOptions,
) -> None:
    root = tmp_path_factory.mktemp("run")
    for number, (name, kind) in enumerate(tree.items()):
        path = root / "in" / f"{name}.{'txt' if kind == 'other' else 'png'}"
        if kind in ("good", "other"):
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(noise(number)).save(path, format="PNG")
        else:
            bad_file(kind, path)
    pictures = {f"{name}.png": kind for name, kind in tree.items() if kind != "other"}
    given = options(
        in_dir=str(root / "in"),
        output=str(root / "out.csv"),
        batch_size=batch_size,
        max_failures=Limit(1, is_share=True),
    )
    if not pictures:
        with pytest.raises(InputError, match="holds no picture file"):
            job.run(given)
        return
    assert job.run(given) == ExitCode.OK
    rows = table(root / "out.csv")
    paths = [row["path"] for row in rows]
    assert paths == sorted(paths)
    assert {path.removeprefix("./") for path in paths} == set(pictures)
    for row in rows:
        name = row["path"].removeprefix("./")
        if pictures[name] == "good":
            label, confidence = fakes.expected(np.asarray(Image.open(root / "in" / name)))
            assert (row["status"], row["label"]) == ("ok", str(label))
            assert float(row["confidence"]) == pytest.approx(confidence, abs=2e-6)
        else:
            assert (row["status"], row["label"], row["confidence"]) == ("failed", "", "")
            assert row["reason"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four pictures in the folders 3 and 7."""
    for number, name in enumerate(["3/a.png", "3/b.png", "7/a.png", "7/b.png"]):
        save(tmp_path / "in" / name, noise(number))
    return tmp_path / "in"


def test_truth_is_read_not_counted(folder: Path, options: MakeOptions) -> None:
    assert job.run(options()) == ExitCode.OK
    assert [row["truth"] for row in table(folder.parent / "out.csv")] == ["3", "3", "7", "7"]


def test_bad_files_cost_their_own_rows_only(folder: Path, options: MakeOptions) -> None:
    job.run(options())
    clean = table(folder.parent / "out.csv")
    for name in ("empty", "text", "cut"):
        bad_file(name, folder / "7" / f"{name}.png")
    assert job.run(options()) == ExitCode.FAILURES
    rows = table(folder.parent / "out.csv")
    assert [row for row in rows if row["status"] == "ok"] == clean
    reasons = {
        row["path"]: row["reason"].split(":")[0] for row in rows if row["status"] == "failed"
    }
    assert set(reasons) == {"7/cut.png", "7/empty.png", "7/text.png"}


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        pytest.param("2", ExitCode.FAILURES, id="too many"),
        pytest.param("3", ExitCode.OK, id="as many as allowed"),
        pytest.param("1%", ExitCode.FAILURES, id="too large a share"),
        pytest.param("50%", ExitCode.OK, id="a share as allowed"),
    ],
)
def test_max_failures(folder: Path, options: MakeOptions, limit: str, code: ExitCode) -> None:
    for number in range(3):
        bad_file("empty", folder / f"{number}.png")
    assert job.run(options(max_failures=Limit.parse(limit))) == code


def test_manifest(folder: Path, options: MakeOptions) -> None:
    (folder / "notes.txt").write_text("x")
    job.run(options())
    told = json.loads((folder.parent / "out.run.json").read_text())
    assert told["counts"] == {"ok": 4, "review": 0, "decided": 0, "blank": 0, "failed": 0}
    assert told["left_out"] == {"other file": 1}
    assert told["truth_source"] == "digit-named folders"
    assert told["arguments"]["max_failures"] == "0"


def test_probabilities(folder: Path, options: MakeOptions) -> None:
    job.run(options(probabilities=True))
    for row in table(folder.parent / "out.csv"):
        ten = [float(row[f"p{digit}"]) for digit in range(10)]
        assert sum(ten) == pytest.approx(1, abs=1e-5)
        assert ten.index(max(ten)) == int(row["label"])
        assert float(row["no_digit"]) == pytest.approx(10 * min(ten), abs=1e-5)


def test_the_run_leaves_only_its_outputs(folder: Path, options: MakeOptions) -> None:
    job.run(options())
    left = {path.name for path in folder.parent.iterdir()} - {"in"}
    assert left == {"out.csv", "out.run.json", "out.report.json", "out.report.html"}


def test_a_report_that_no_longer_belongs_is_removed(folder: Path, options: MakeOptions) -> None:
    job.run(options())
    for digit in ("3", "7"):
        (folder / digit).rename(folder / f"digit {digit}")
    job.run(options())
    assert not list(folder.parent.glob("out.report.*"))
    assert "truth" not in table(folder.parent / "out.csv")[0]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        pytest.param(
            {"in_dir": "missing"}, InputError, "can't list missing: No such", id="no in_dir"
        ),
        pytest.param({"output": "missing/out.csv"}, OutputError, "missing", id="no output folder"),
        pytest.param({"output": "out.xlsx"}, UsageError, "received out.xlsx", id="unknown suffix"),
        pytest.param(
            {"model": "missing"}, ModelError, "can't read the model missing", id="no model"
        ),
        pytest.param({"labels": "missing.csv"}, UsageError, "missing.csv", id="no labels file"),
        pytest.param({"runtime": "abacus"}, UsageError, "runtime must be", id="no runtime"),
    ],
)
def test_errors_come_before_work(
    folder: Path,
    options: MakeOptions,
    changes: dict[str, str],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        job.run(options(**changes))
    assert [path.name for path in folder.parent.iterdir()] == ["in"]


def test_an_unusable_labels_file_in_the_folder_is_a_warning(
    folder: Path, options: MakeOptions, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "labels.csv").write_text("nothing,of,use\n1,2,3\n")
    assert job.run(options()) == ExitCode.OK
    assert "labels.csv is not used" in caplog.text
    assert [row["truth"] for row in table(folder.parent / "out.csv")] == ["3", "3", "7", "7"]


@pytest.mark.parametrize("given", ["labels", "label_pattern"])
def test_truth_that_was_asked_for_and_is_of_no_picture_is_a_warning(
    folder: Path, options: MakeOptions, caplog: pytest.LogCaptureFixture, given: str
) -> None:
    labels = folder.parent / "labels.csv"
    labels.write_text("file,label\nelsewhere.png,3\n")
    source = {"labels": str(labels), "label_pattern": "none(?P<label>.)"}[given]
    assert job.run(options(quiet=True, **{given: source})) == ExitCode.OK
    said = caplog.text
    assert f"{source} states the truth of no picture, so no accuracy is measured\n" in said
    manifest = json.loads((folder.parent / "out.run.json").read_text())
    assert manifest["truth_source"] is None
    assert manifest["truth_findings"][0]["what"] == "pictures without truth"


@pytest.mark.parametrize(
    ("shard", "truths"),
    [
        pytest.param(
            None, {"3/a.png": "", "3/b.png": "2", "7/a.png": "", "7/c.png": "4"}, id="all"
        ),
        pytest.param(Shard(0, 2), {"3/a.png": "", "3/b.png": "2"}, id="first shard"),
        pytest.param(Shard(1, 2), {"7/a.png": "", "7/c.png": "4"}, id="second shard"),
    ],
)
def test_a_bare_name_that_another_shard_has_too_is_known_from_one_walk(
    folder: Path,
    options: MakeOptions,
    monkeypatch: pytest.MonkeyPatch,
    shard: Shard | None,
    truths: dict[str, str],
) -> None:
    walks = []
    each = FolderWalk.__iter__
    monkeypatch.setattr(FolderWalk, "__iter__", lambda walk: walks.append(walk) or each(walk))
    monkeypatch.setattr(Shard, "holds", lambda shard, path: path.startswith("37"[shard.index]))
    (folder / "7" / "b.png").rename(folder / "7" / "c.png")
    labels = folder.parent / "labels.csv"
    labels.write_text("file,label\na.png,1\nb.png,2\nc.png,4\n")
    assert job.run(options(labels=str(labels), shard=shard)) == ExitCode.OK
    rows = table(folder.parent / "out.csv")
    assert {row["path"]: row["truth"] for row in rows} == truths
    manifest = json.loads((folder.parent / "out.run.json").read_text())
    seen = {finding["what"]: finding["examples"] for finding in manifest["truth_findings"]}
    assert seen == {
        "pictures on whose truth the sources disagree": [
            "3/b.png: 2, but 3 by digit-named folders",
            "7/c.png: 4, but 7 by digit-named folders",
        ],
        "pictures without truth": ["3/a.png", "7/a.png"],
        "bare names in the labels file that several pictures have (not used)": ["a.png"],
    }
    assert len(walks) == 1


def on_bytes(model: ModelFile, batch_size: int) -> Classifier:
    """The fake runtime's, as one that takes pixels on the scale of bytes."""
    network = fakes.load_classifier(model, batch_size).network
    return Classifier(lambda values: network(values / np.float32(255)), BYTE)


def test_the_manifest_says_the_scale(
    tmp_path: Path, options: MakeOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a run that scored, and of one that found all scored already, which loads no model."""
    save(tmp_path / "in" / "a.png", noise(1))
    runtime = fakes.RUNTIME._replace(load_classifier=on_bytes)
    monkeypatch.setattr(fakes, "ON_BYTES", runtime, raising=False)
    monkeypatch.setitem(RUNTIMES, "fake", "tests.support.fakes:ON_BYTES")
    first = job.score_folder(options(incremental=True))
    monkeypatch.setattr(fakes, "ON_BYTES", None)
    again = job.score_folder(options(incremental=True))
    assert (first.record.model.scale, again.record.model.scale) == (BYTE, BYTE)
    assert again.record.scored == 0
    assert fakes.expected(noise(1))[0] == int(table(tmp_path / "out.csv")[0]["label"])


def test_a_run_without_a_picture_to_score_says_the_scale_too(
    tmp_path: Path, options: MakeOptions
) -> None:
    bad_file("text", tmp_path / "in" / "a.png")
    manifest = job.score_folder(options(max_failures=Limit.parse("100%")))
    assert manifest.record.model.scale == (0, 1)


class Loading:
    """A fake runtime that notes what it loads, registered in the place of the fake one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: list[str] = []
        self.lacks = ""  # a model whose file for this runtime is not there

        def load(model: ModelFile, batch_size: int) -> Classifier:
            self.names.append(Path(model.path).name)
            return fakes.load_classifier(model, batch_size)

        def check(model: ModelFile) -> None:
            if Path(model.path).name == self.lacks:
                raise ModelError(f"there is no export of {model.path}")

        def load_any(model: ModelFile, outputs: Sequence[str]) -> Network:
            self.names.append(Path(model.path).name)
            return fakes.load_any_size(model, outputs)

        monkeypatch.setattr(fakes, "RUNTIME", Runtime(load, load_any, check))


@pytest.fixture
def loading(monkeypatch: pytest.MonkeyPatch) -> Loading:
    return Loading(monkeypatch)


@pytest.mark.parametrize(
    ("sure_from", "loaded"),
    [
        pytest.param(0.0, ["fake.keras"], id="nothing is in doubt"),
        pytest.param(2.0, ["fake.keras", "judge.keras"], id="all is"),
    ],
)
def test_judges_are_loaded_where_a_picture_needs_them(
    folder: Path, options: MakeOptions, loading: Loading, sure_from: float, loaded: list[str]
) -> None:
    screen = looks.look(mnist=sure_from, other=sure_from)
    looks.give_looks(Path(options().model), looks.PLAN._replace(screen=screen))
    assert job.run(options(no_labels=True)) == ExitCode.OK  # a report would look again
    assert loading.names == loaded


def test_a_report_looks_again_with_the_networks_of_the_run(
    folder: Path, options: MakeOptions, loading: Loading
) -> None:
    save(folder / "3" / "marked.png", noise(5)[:20])
    never = looks.look(mnist=2.0, other=2.0)
    looks.give_looks(Path(options().model), looks.PLAN._replace(screen=never))
    assert job.run(options(preprocess=Preprocess.AUTO)) == ExitCode.OK
    page = (folder.parent / "out.report.html").read_text()
    assert "as it stands" in page  # a reading of the judge's
    assert sorted(loading.names) == ["fake.keras", "fake.keras", "ink.keras", "judge.keras"]


def test_a_judge_that_lacks_is_said_before_anything_is_loaded(
    folder: Path, options: MakeOptions, loading: Loading
) -> None:
    never = looks.look(mnist=2.0, other=2.0)
    model = Path(options().model)
    looks.give_looks(model, looks.PLAN._replace(screen=never))
    loading.lacks = "judge.keras"
    with pytest.raises(ModelError, match=r"no export of .*judge\.keras") as raised:
        job.run(options())
    assert raised.value.exit_code == ExitCode.MODEL
    (model.parent / "judge.keras").unlink()
    with pytest.raises(ModelError, match=r"can't read the model .*judge\.keras"):
        job.run(options())
    assert loading.names == []
    assert not (folder.parent / "out.csv").exists()


def test_a_judge_that_is_replaced_under_the_run_ends_it(
    folder: Path, options: MakeOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = looks.look(mnist=2.0, other=2.0)
    model = Path(options().model)
    looks.give_looks(model, looks.PLAN._replace(screen=never))

    def load(asked: ModelFile, batch_size: int) -> Classifier:
        asked.read()
        (model.parent / "judge.keras").write_bytes(b"PK\x03\x04 another")
        return fakes.load_classifier(asked, batch_size)

    monkeypatch.setattr(fakes, "RUNTIME", Runtime(load, fakes.load_any_size))
    with pytest.raises(ModelError, match=r"judge\.keras was replaced during the run"):
        job.run(options())
    assert not (folder.parent / "out.csv").exists()


@pytest.mark.parametrize(
    ("preprocess", "looked"),
    [
        pytest.param(Preprocess.PLAIN, False, id="plain"),
        pytest.param(Preprocess.AUTO, True, id="auto"),
    ],
)
def test_without_a_map_there_is_no_look_at_all_readings(
    folder: Path,
    options: MakeOptions,
    monkeypatch: pytest.MonkeyPatch,
    *,
    preprocess: Preprocess,
    looked: bool,
) -> None:
    never = looks.look(mnist=2.0, other=2.0)
    looks.give_looks(Path(options().model), looks.PLAN._replace(screen=never, first_reading=never))
    calls: list[int] = []
    read_again = Looks.read_again

    def noted(self: Looks, batch: Batch) -> list[ReadAgain]:
        calls.append(len(batch.refs))
        return read_again(self, batch)

    monkeypatch.setattr(Looks, "read_again", noted)
    assert job.run(options(preprocess=preprocess, no_labels=True)) == ExitCode.OK
    assert (sum(calls) == 4) is looked


def test_the_manifest_says_which_looks(folder: Path, options: MakeOptions) -> None:
    without = job.score_folder(options())
    assert without.record.model.looks_sha256 is None
    assert "looks_sha256" not in without.to_json()["model"]
    looks.give_looks(Path(options().model), looks.PLAN)
    said = job.score_folder(options())
    card = json.loads(Path(options().model).with_suffix(".json").read_text())
    expected = LooksPlan.read(card["looks"]).sha256()
    assert said.to_json()["model"]["looks_sha256"] == expected
    again = Manifest.from_json(json.loads(json.dumps(said.to_json())))
    assert again.record.model == said.record.model
