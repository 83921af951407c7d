from batch_predict.cli import build_parser
from batch_predict.errors import ExitCode
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_option_is_explained() -> None:
    options = {o for action in build_parser()._actions for o in action.option_strings}
    assert [o for o in sorted(options) if o not in README and o not in ("-h", "--help")] == []


def test_every_exit_code_is_explained() -> None:
    assert [code for code in ExitCode if f"| {code.value} |" not in README] == []
