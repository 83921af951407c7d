"""What the report says of an audit: `report out.csv --audit FILE`."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from batch_predict.audit.plan import Plan, read_plan
from batch_predict.report.cli import main
from batch_predict.review.cli import main as review
from batch_predict.storage.output_paths import audit_files
from batch_predict.tables.csv_table import quoted_line

HEADER = "path,content,answer,answered_at,by,note\n"


@pytest.fixture
def plan(made: Path) -> Plan:
    """Of 20 pictures of the finished run."""
    assert review([str(made), "--audit", "20"]) == 0
    return read_plan(audit_files(str(made))[1])


@pytest.fixture
def answered(plan: Plan, tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of answers: what the model said, but for those that are told otherwise."""

    def write(by: str, others: Mapping[int, str] | None = None, stop: int | None = None) -> Path:
        file = tmp_path / f"{by}.csv"
        lines = []
        for picture in plan.asked[:stop]:
            each = plan.pictures[picture]
            answer = (others or {}).get(picture, str(each.label))
            time = f"2026-11-27T03:00:{len(lines):02}Z"
            lines.append(quoted_line((each.path, each.content, answer, time, by, "")))
        file.write_text(HEADER + "".join(lines))
        return file

    return write


def read(made: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((made.parent / "out.audit.report.json").read_text())["audit"]
    return found


def page(made: Path) -> str:
    return (made.parent / "out.audit.report.html").read_text()


def test_sampled_stands_beside_counted(
    made: Path, answered: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    of_the_run = (made.parent / "out.report.html").read_bytes()
    assert main([str(made), "--audit", str(answered("Anna"))]) == 0
    assert (made.parent / "out.report.html").read_bytes() == of_the_run
    found, estimates = read(made), read(made)["estimates"]
    assert (estimates["answered"], estimates["right"]["share"]) == (20, 1)
    assert estimates["right"]["interval"][0] < 0.95
    assert [each["by"] for each in found["files"]] == [["Anna"]]
    out = capsys.readouterr().out
    assert "accuracy 90.00% of 30 with truth" in out  # counted, and not by the sample
    assert "by a sample: 20 pictures drawn by strata from 30 rows: 100% right" in out
    html = page(made)
    assert html.count('<th scope="row">sampled</th>') == 1
    for word in (
        "counted",
        "<dd>Anna, 2026-11-27",
        found["files"][0]["sha256"],
        found["plan_sha256"],
        "seed 0",
    ):
        assert word in html


def test_without_truth_the_page_rests_on_the_sample(
    made: Path, answered: Callable[..., Path]
) -> None:
    file = answered("Anna")
    _without_truth(made, Path(audit_files(str(made))[1]))
    assert main([str(made), "--audit", str(file)]) == 0
    assert "of 30 rows right, by a sample" in page(made)
    assert "None%" not in page(made)
    assert 'id="truth"' not in page(made)


def test_the_page_says_what_counts_without_having_been_drawn(
    made: Path, answered: Callable[..., Path]
) -> None:
    file, plan_file = answered("Anna"), Path(audit_files(str(made))[1])
    assert main([str(made), "--audit", str(file)]) == 0
    assert "Not drawn" not in page(made)
    plan = json.loads(plan_file.read_text())
    plan["rows"] += 6
    plan["known"] |= {"decided_right": 3, "decided_wrong": 1, "failed": 2}
    plan_file.write_text(json.dumps(plan))
    assert main([str(made), "--audit", str(file)]) == 0
    assert read(made)["estimates"]["right"]["share"] == pytest.approx(33 / 36)
    assert (
        "Not drawn, and counted in them: 4 rows that a person decided, of which the model had read"
        " 3 the same, and 2 rows that failed, as not right."
    ) in page(made)


def _without_truth(made: Path, plan_file: Path) -> None:
    """Empties the column `truth`; manifest and plan are made to fit."""
    rows = list(csv.DictReader(io.StringIO(made.read_bytes().decode())))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(row | {"truth": ""} for row in rows)
    old = hashlib.sha256(made.read_bytes()).hexdigest()
    made.write_text(text.getvalue(), newline="")
    new = hashlib.sha256(made.read_bytes()).hexdigest()
    for file in (plan_file, made.with_name("out.run.json")):
        file.write_text(file.read_text().replace(old, new))


def test_two_people_and_what_they_have_to_settle(made: Path, answered: Callable[..., Path]) -> None:
    files = [answered("Anna"), answered("Bert", {3: "none"})]
    assert main([str(made), *(f"--audit={file}" for file in files)]) == 0
    found = read(made)
    assert found["answered_twice"] == 20
    assert 0.8 < found["kappa"] < 1
    (settle,) = found["to_settle"]
    assert settle["answers"][1] == "none"
    assert found["estimates"]["unsettled"] == 1
    assert "Cohen's kappa 0.9" in page(made)


def test_a_number_is_for_who_draws(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(made), "--audit", "400"]) == 2
    assert "drawn by python -m batch_predict.review out.csv --audit N" in capsys.readouterr().err


def test_one_file_is_not_of_two_people(
    made: Path, answered: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    file = answered("Anna")
    assert main([str(made), f"--audit={file}", f"--audit={file}"]) == 2
    assert "names the same answers twice" in capsys.readouterr().err


def test_who_stops_early_has_a_smaller_sample(made: Path, answered: Callable[..., Path]) -> None:
    assert main([str(made), "--audit", str(answered("Anna", stop=9))]) == 0
    assert read(made)["estimates"]["answered"] == 9
    assert "9 of the 20 pictures" in page(made)


def _another_table(made: Path) -> Iterator[str]:
    plan = Path(audit_files(str(made))[1])
    plan.write_text(plan.read_text().replace(read_plan(str(plan)).csv_sha256, "0" * 64))
    yield "drawn from another out.csv"


def _no_plan(made: Path) -> Iterator[str]:
    Path(audit_files(str(made))[1]).unlink()
    yield "belongs beside its table"


def _no_answer(made: Path) -> Iterator[str]:
    (made.parent.parent / "Anna.csv").write_text(HEADER)
    yield "holds no answer"


def _decisions(made: Path) -> Iterator[str]:
    (made.parent.parent / "Anna.csv").write_text("path,content,decision,decided_at,by,note\n")
    yield "its columns are not path,content,answer"


@pytest.mark.parametrize("spoil", [_another_table, _no_plan, _no_answer, _decisions])
def test_what_does_not_belong_together(
    made: Path,
    answered: Callable[..., Path],
    spoil: Callable[[Path], Iterator[str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = answered("Anna")
    (words,) = spoil(made)
    assert main([str(made), "--audit", str(file)]) == 2
    assert words in capsys.readouterr().err
    assert not (made.parent / "out.audit.report.html").exists()
