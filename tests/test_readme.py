import re

from batch_predict.cli import build_parser
from batch_predict.errors import ExitCode
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_option_is_explained_in_the_order_of_help_and_under_its_titles() -> None:
    parser = build_parser()
    table = README.split("| option |")[1].split("\n\n")[0]
    cells = " ".join(row.split("|")[1] for row in table.splitlines()[2:])
    options = [option for action in parser._actions for option in action.option_strings]
    assert ["-h", "--help", *re.findall("--[a-z-]+", cells)] == options
    assert re.findall(r"\*\*(.+?)\*\*", cells) == [
        group.title for group in parser._action_groups[2:]
    ]


def test_every_exit_code_is_explained() -> None:
    assert [code for code in ExitCode if f"| {code.value} |" not in README] == []
