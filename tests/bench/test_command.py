"""Any command is a tool: it is given files, and its CSV is read; what does not fit is said."""

import sys

import pytest

from batch_predict import Prediction
from tests.bench.command import Command, read_answers
from tests.bench.sample import Sample
from tests.bench.tools import NO_ANSWER, ToolError

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
# A tool that takes a file's size for its digit, and leaves out those of 9 bytes
BY_SIZE = """
import pathlib, sys
rows = [(p.name, p.stat().st_size % 10) for p in sorted(pathlib.Path(sys.argv[1]).iterdir())]
table = "".join(f"{name},{digit},0.{digit}\\n" for name, digit in rows if digit != 9)
pathlib.Path(sys.argv[2]).write_text("path,label,confidence\\n" + table)
"""


def tool(program=BY_SIZE):
    words = [sys.executable, "-c", program, "{in_dir}", "{out_csv}"]
    made = Command("mine", "{in_dir} {out_csv}")
    made._words = words
    return made


def test_a_command_is_given_files_with_their_suffixes_and_its_rows_are_read():
    samples = [Sample(data, 8) for data in (PNG, PNG + b"x", JPEG, PNG + b"xxx")]
    answers = tool().answers(samples)
    assert [(p.label, p.confidence, p.status) for p in answers.predictions] == [
        (8, 0.8, "ok"),
        (None, None, "failed"),
        (3, 0.3, "ok"),
        (1, 0.1, "ok"),
    ]
    assert answers.looks is None
    assert answers.peak > 1 << 20

    names = "import sys, os; sys.exit(' '.join(sorted(os.listdir(sys.argv[1]))))"
    with pytest.raises(ToolError, match=r"000000.png 000001.png 000002.jpeg 000003.png"):
        tool(names).answers(samples)


def test_the_memory_of_a_short_program_is_its_own():
    held = b"x" * (400 << 20)  # of the process that measures it
    program = "import sys; len(b'x' * (200 << 20)); open(sys.argv[2], 'w').write('path,label')"
    assert 200 << 20 < tool(program).answers([Sample(PNG, 1)]).peak < len(held)


def test_the_template_is_words_and_no_shell():
    made = Command("mine", "my 'own tool' --from={in_dir} {out_csv} '$HOME'")
    assert made._words == ["my", "own tool", "--from={in_dir}", "{out_csv}", "$HOME"]
    assert made.about["command"] == "my 'own tool' --from={in_dir} {out_csv} '$HOME'"


@pytest.mark.parametrize("template", ["tool {in_dir}", "tool {out_csv}", "tool"])
def test_a_template_without_its_places_is_an_error(template):
    with pytest.raises(ToolError, match=r"there is no \{"):
        Command("mine", template)


@pytest.mark.parametrize(
    ("program", "why"),
    [
        pytest.param("import sys; sys.exit('no licence')", "ended with 1: no licence", id="fails"),
        pytest.param("pass", "it wrote no CSV", id="writes nothing"),
    ],
)
def test_a_command_that_fails_is_an_error_that_says_why(program, why):
    with pytest.raises(ToolError, match=f"^mine: .*{why}"):
        tool(program).answers([Sample(PNG, 1)])


def test_a_command_that_is_not_there_is_an_error():
    with pytest.raises(ToolError, match="no-such-tool can't be started"):
        Command("mine", "no-such-tool {in_dir} {out_csv}").answers([Sample(PNG, 1)])


def table(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("row", "answer"),
    [
        pytest.param("a.png,7,0.5,ok", Prediction(7, 0.5, "ok", "", None), id="all"),
        pytest.param("x/y/a.png,7,0.5,", Prediction(7, 0.5, "ok", "", None), id="a path"),
        pytest.param("a.png,7,,review", Prediction(7, None, "review", "", None), id="in doubt"),
        pytest.param("a.png,,,blank", NO_ANSWER._replace(status="blank"), id="blank"),
        pytest.param("a.png,,,", NO_ANSWER, id="no label"),
        pytest.param("a.png,,,ok", NO_ANSWER, id="no label is not well"),
    ],
)
def test_a_row_is_read(tmp_path, row, answer):
    path = table(tmp_path / "t.csv", f"path,label,confidence,status\n{row}\n")
    assert read_answers("mine", path, ["a.png"]) == {"a.png": answer}


def test_a_table_of_paths_and_labels_is_enough(tmp_path):
    path = table(tmp_path / "t.csv", "\ufefflabel,path\n7,a.png\n")
    assert read_answers("mine", path, ["a.png", "b.png"]) == {
        "a.png": Prediction(7, None, "ok", "", None)
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", "no column label and no path", id="empty"),
        pytest.param("path,digit\n", "no column label", id="another column"),
        pytest.param("path,label\nb.png,1\n", "'b.png', which is no picture", id="no such picture"),
        pytest.param("path,label\na.png,1\na.png,1\n", "two rows of a.png", id="twice"),
        pytest.param("path,label\na.png,12\n", "a label is a digit or empty, received 12", id="12"),
        pytest.param("path,label\na.png,x\n", "received x", id="a letter"),
        pytest.param("path,label,confidence\na.png,1,93\n", "from 0 to 1, received 93", id="93"),
        pytest.param("path,label,confidence\na.png,1,nan\n", "received nan", id="not a number"),
        pytest.param("path,label,confidence\na.png,1,high\n", "received high", id="a word"),
        pytest.param("path,label,status\na.png,1,fine\n", "one of ok, review", id="no status"),
        pytest.param(b"path,label\n\xff,1\n", "no CSV of UTF-8", id="not UTF-8"),
    ],
)
def test_another_table_is_an_error_that_says_why(tmp_path, text, why):
    with pytest.raises(ToolError, match=f"^mine: .*{why}"):
        read_answers("mine", table(tmp_path / "t.csv", text), ["a.png"])
