"""A run that promises: which review threshold it takes, what it says, how it ends."""

import csv
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from batch_predict.api import score
from batch_predict.audit.answers_file import HEADER
from batch_predict.audit.plan import AuditPicture, plan_text
from batch_predict.audit.promise_of_run import find_audit, promise_of_run
from batch_predict.check import check
from batch_predict.errors import ExitCode, UsageError
from batch_predict.job import run
from batch_predict.manifest.promised import Promised
from batch_predict.manifest.read_write import read_manifest
from batch_predict.options import Options
from batch_predict.records import ImageRef, Row, Status
from batch_predict.rows import in_columns
from tests.audit.support import plain_plan
from tests.conftest import noise, save
from tests.support.fakes import expected

MakeOptions = Callable[..., Options]
PICTURES = 60
#: by label and confidence, which the fake runtime reads off the pixels
ANSWERS = [expected(noise(seed)) for seed in range(PICTURES)]


def write_audit(folder: Path, answers: Iterable[int | str], contents: Iterable[str]) -> str:
    """A plan that drew each of `contents` from as many, and `answers` to the first of them."""
    contents = list(contents)
    drawn = [
        AuditPicture(f"{n}.png", each, 0, "ok", 7, 0.9, "a") for n, each in enumerate(contents)
    ]
    plan = plain_plan([("ok", 10_000, len(drawn))])
    folder.mkdir(exist_ok=True)
    (folder / "old.audit.json").write_text(
        plan_text(replace(plan, pictures=tuple(drawn))), encoding="utf-8"
    )
    with (folder / "old.audit.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEADER)
        for picture, answer in zip(drawn, answers, strict=False):
            cells = (picture.path, picture.content, answer, "2026-01-31T12:00:00Z", "me", "")
            lines.writerow(cells)
    return str(folder / "old.audit.csv")


@pytest.fixture
def audited(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Sixty pictures; makes an audit of them all, and gives the options of a run that promises.

    Those below a confidence are read wrong; `count` of them have an answer; the first are `gone`.
    """
    files = [save(tmp_path / "in" / f"x{seed}.png", noise(seed)) for seed in range(PICTURES)]
    contents = [sha256(file.read_bytes()).hexdigest() for file in files]

    def audited(
        max_error: str, *, wrong_below: float = 0.0, count: int = PICTURES, gone: int = 0
    ) -> dict[str, str]:
        said = [(label + (sure < wrong_below)) % 10 for label, sure in ANSWERS]
        for file in files[:gone]:
            file.unlink()
        answers = write_audit(tmp_path / "yesterday", said[:count], contents)
        return {"engine": "here", "max_error": max_error, "audit": answers}

    return audited


def statuses(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["path"]: row["status"] for row in csv.DictReader(file)}


@pytest.mark.usefixtures("engine")
def test_the_lowest_threshold_that_holds_is_the_review_threshold(
    tmp_path: Path,
    options: MakeOptions,
    audited: Callable[..., dict[str, str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of the pictures of yesterday's audit, by their content: they have other names now."""
    given = options(**audited("10%"))
    assert run(given) is ExitCode.OK
    assert set(statuses(tmp_path / "out.csv").values()) == {"ok"}
    said = capsys.readouterr().out
    assert "; --max-error 10% holds from confidence 0.5: 0% go to review; 60 labels, upper" in said
    _, manifest = read_manifest(given.output)
    assert manifest
    found = manifest.record.promise
    assert found
    assert (found.threshold, found.labels, found.errors) == (0.5, PICTURES, 0)
    assert found.upper
    assert found.upper < 0.1
    assert manifest.record.model.review_below == 0.5


@pytest.mark.usefixtures("engine")
def test_errors_below_a_confidence_go_to_review(
    tmp_path: Path, options: MakeOptions, audited: Callable[..., dict[str, str]]
) -> None:
    assert run(options(**audited("12%", wrong_below=0.6))) is ExitCode.OK
    manifest = json.loads((tmp_path / "out.run.json").read_text())
    threshold = manifest["promise"]["threshold"]
    assert threshold in (0.5, 0.6, 0.7)
    sure = {f"x{seed}.png": confidence for seed, (_, confidence) in enumerate(ANSWERS)}
    in_review = {path for path, status in statuses(tmp_path / "out.csv").items() if status != "ok"}
    assert in_review == {path for path, confidence in sure.items() if confidence < threshold}
    assert manifest["promise"]["review_share"] == len(in_review) / PICTURES


@pytest.mark.parametrize(
    ("given", "words"),
    [
        pytest.param(
            {"max_error": "0.1%"}, "60 labels are too few; it takes about 2,580 without", id="few"
        ),
        pytest.param(
            {"max_error": "0.1%", "count": 0}, "0 labels are too few; it takes about 2", id="none"
        ),
        pytest.param(
            {"max_error": "10%", "gone": 50},
            "10 of 60 labels (the other pictures are not there now) are too few; it takes about",
            id="gone",
        ),
        pytest.param(
            {"max_error": "10%", "wrong_below": 2},
            "too many errors, from confidence 0.8 100% are wrong, upper end 100%, by 60 labels; a"
            " stricter threshold takes more labels",
            id="wrong",
        ),
    ],
)
@pytest.mark.usefixtures("engine")
def test_what_is_not_promised(
    given: dict[str, Any],
    words: str,
    options: MakeOptions,
    audited: Callable[..., dict[str, str]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """All is written, with the card's threshold, or none."""
    asked = options(**audited(**given))
    assert run(asked) is ExitCode.GATE
    (said,) = [each for each in caplog.messages if each.startswith("--max-error")]
    assert said.startswith(f"--max-error {given['max_error']} is not promised: {words}")
    _, manifest = read_manifest(asked.output)
    assert manifest
    assert manifest.record.promise
    assert manifest.record.promise.threshold is None
    assert manifest.record.model.review_below is None
    assert len(statuses(Path(asked.output))) == PICTURES - given.get("gone", 0)


@pytest.mark.parametrize(
    ("tested", "needed", "words"),
    [
        pytest.param(
            0.9999,
            5_000,
            "400 labels are too few where from confidence 0.9999 0.05% are"
            " wrong, upper end 0.15%; it takes about 5,000 with such errors",
            id="more labels",
        ),
        pytest.param(
            0.9999,
            None,
            "too many errors, from confidence 0.9999 0.05% are wrong, upper"
            " end 0.15%, by 400 labels; more labels would not do",
            id="hopeless",
        ),
    ],
)
def test_what_it_would_take(tested: float, needed: int | None, words: str) -> None:
    found = Promised(0.001, None, tested, 0.0005, 0.0015, 0.2, 400, 400, needed, "", "")
    assert found.missed() == f"--max-error 0.1% is not promised: {words}"


@pytest.mark.usefixtures("engine")
def test_failures_win_over_the_promise(
    tmp_path: Path, options: MakeOptions, audited: Callable[..., dict[str, str]]
) -> None:
    (tmp_path / "in" / "broken.png").write_bytes(b"no picture")
    assert run(options(**audited("0.1%"))) is ExitCode.FAILURES


@pytest.mark.parametrize("start", [run, check])
@pytest.mark.usefixtures("engine", "audited")
def test_a_broken_file_of_answers_ends_the_run_before_it_starts(
    start: Callable[[Options], ExitCode], tmp_path: Path, options: MakeOptions
) -> None:
    file = Path(write_audit(tmp_path / "yesterday", [3, "three"], ["a" * 64, "b" * 64]))
    with pytest.raises(UsageError, match=r"old\.audit\.csv, line 3: the answer is 0 to 9"):
        start(options(engine="here", max_error="1%", audit=str(file)))
    assert not (tmp_path / "out.csv").exists()


def test_the_plan_lies_beside_the_answers_or_beside_the_output(tmp_path: Path) -> None:
    answers = Path(write_audit(tmp_path / "old", [3], ["a" * 64]))
    output = str(tmp_path / "out.csv")
    assert find_audit(str(answers), output).answers == {0: 3}
    answers.with_suffix(".json").rename(tmp_path / "out.audit.json")
    assert find_audit(str(answers), output).answers == {0: 3}
    (tmp_path / "out.audit.json").unlink()
    with pytest.raises(UsageError, match=r"can't read .*/old/old\.audit\.json: No such file"):
        find_audit(str(answers), output)


@pytest.mark.usefixtures("engine")
def test_a_program_asks_for_it_by_keywords(
    tmp_path: Path, model_file: Path, audited: Callable[..., dict[str, str]]
) -> None:
    given = {"model": model_file, "runtime": "fake", "preprocess": "plain"}
    asked = audited("10%")
    found = score(tmp_path / "in", tmp_path / "out.csv", **given, **asked)  # type: ignore[arg-type]
    assert found["promise"]["threshold"] == 0.5
    assert found["arguments"]["max_error"] == "10%"


@pytest.mark.parametrize(
    ("status", "content", "labels", "kept"),
    [
        pytest.param(Status.OK, "a", 100, True, id="ok"),
        pytest.param(Status.REVIEW, "a", 100, False, id="for another reason in review"),
        pytest.param(Status.DECIDED, "a", 100, False, id="decided since"),
        pytest.param(Status.OK, "b", 0, False, id="changed"),
    ],
)
def test_rows_that_are_not_ok_promise_nothing(
    status: Status, content: str, labels: int, kept: bool, tmp_path: Path
) -> None:
    contents = [f"a{n:063}" for n in range(100)]
    audit = find_audit(write_audit(tmp_path, [7] * 100, contents), "out.csv")
    rows = [
        Row(
            ImageRef(f"{n}.png", content_sha256=bytes.fromhex(content + each[1:])),
            7,
            None if status is Status.DECIDED else 0.95,
            status,
            (),
        )
        for n, each in enumerate(contents)
    ]
    found = promise_of_run(in_columns(rows), audit, 0.05)
    assert (found.labels, found.promise.kept is not None) == (labels, kept)
