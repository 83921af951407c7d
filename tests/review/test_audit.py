"""The blind page of an audit, and the plan beside it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from batch_predict.audit.answers_file import read_answers
from batch_predict.audit.plan import read_plan
from batch_predict.review.cli import main
from batch_predict.storage.output_paths import audit_files


@pytest.fixture
def audit(made: Path) -> Callable[..., Path]:
    """Draws an audit of the finished run; returns its page."""

    def draw(*arguments: str) -> Path:
        assert main([str(made), "--audit", "12", *arguments]) == 0
        return Path(audit_files(str(made))[0])

    return draw


def test_the_page_says_nothing_of_what_is_known(audit: Callable[..., Path], made: Path) -> None:
    page = audit().read_text()
    plan = read_plan(audit_files(str(made))[1])
    assert len(plan.pictures) == 12
    assert page.count("data:image/webp") == 12
    rows = made.read_text().splitlines()[1:]
    paths = [row.split(",")[0] for row in rows]
    assert [path for path in paths if path in page] == []
    assert [
        name for name in ("review", "low_confidence") if name in page.partition("</style>")[2]
    ] == []
    cards = json.loads(page.partition('id="cards">')[2].partition("</script>")[0])
    assert {key for card in cards for key in card} == {"content", "path", "original"}


def test_the_same_seed_draws_the_same(audit: Callable[..., Path], made: Path) -> None:
    drawn = []
    for seed in ("5", "5", "6"):
        audit("--seed", seed)
        drawn.append([each.path for each in read_plan(audit_files(str(made))[1]).pictures])
    assert drawn[0] == drawn[1] != drawn[2]


def test_answers_that_are_there_are_not_orphaned(
    audit: Callable[..., Path], made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    audit()
    _, plan_file, answers = audit_files(str(made))
    before = Path(plan_file).read_bytes()
    one = read_plan(plan_file).pictures[0]
    line = f"{one.path},{one.content},3,2026-11-27T00:00:00Z,Anna,\n"
    Path(answers).write_text(f"path,content,answer,answered_at,by,note\n{line}")
    assert len(read_answers(answers, read_plan(plan_file))) == 1
    assert main([str(made), "--audit", "20"]) == 2
    assert "holds answers to the audit that was drawn before" in capsys.readouterr().err
    assert Path(plan_file).read_bytes() == before
    assert main([str(made), "--audit", "20", "--overwrite"]) == 0


def test_groups_are_from_the_file(audit: Callable[..., Path], made: Path, tmp_path: Path) -> None:
    groups = tmp_path / "groups.csv"
    groups.write_text("path,group\n0/00.png,Anna\n0/03.png,Anna\n")
    audit("--groups", str(groups))
    found = {each.group for each in read_plan(audit_files(str(made))[1]).pictures}
    assert found <= {"Anna", "(no group)"}


def test_groups_of_another_folder_are_refused(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    groups = tmp_path / "groups.csv"
    groups.write_text("path,group\n/photos/0/00.png,Anna\n")
    assert main([str(made), "--audit", "12", "--groups", str(groups)]) == 2
    assert "names no path of the table" in capsys.readouterr().err


def test_a_picture_that_is_gone_ends_it(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert main([str(made), "--audit", "12", "--in-dir", str(tmp_path / "empty")]) == 3
    assert "12 drawn pictures can't be read now" in capsys.readouterr().err
    assert not Path(audit_files(str(made))[1]).exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["--audit", "0"], "a whole number from 1 to", id="none"),
        pytest.param(["--audit", "many"], "a whole number from 1 to", id="no number"),
        pytest.param(["--audit", "out.audit.csv"], "batch_predict.report", id="answers"),
        pytest.param(["--seed", "1"], "of --audit", id="a seed alone"),
        pytest.param(["--groups", "g.csv"], "of --audit", id="groups alone"),
        pytest.param(["--audit", "5", "--serve"], "leave out --serve", id="served"),
    ],
)
def test_what_does_not_go_together(
    made: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(made), *arguments]) == 2
    assert words in capsys.readouterr().err
