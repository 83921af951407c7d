"""What the packages ask for is what the code imports: nothing is missing, and nothing needless."""

import ast
import configparser
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import packages_distributions
from typing import Final

from tests.conftest import ROOT

REQUIREMENTS: Final = ROOT / "requirements"
OURS: Final = {"batch_predict", "train"}
#: what Keras computes with, on one backend or another, and what it exports by
BY_KERAS: Final = {"tensorflow", "tensorflow-cpu", "torch", "tf2onnx"}
#: what is imported -> what was asked for, and brings it
BROUGHT: Final = {"botocore": "boto3"}


def normal(name: str) -> str:
    """A distribution's name, as all spellings of it are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def asked(lines: Iterable[str]) -> set[str]:
    """The distributions that a list of requirements names."""
    listed = (line.strip() for line in lines)
    names = [re.split(r"[\[ <>=;]", line)[0] for line in listed if line and line[0] != "#"]
    return {normal(name) for name in names} - OURS - {"batch-predict"}


def extras() -> dict[str, set[str]]:
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg")
    table = config["options.extras_require"]
    return {
        name: asked(listed.splitlines())
        for name, listed in table.items()
        if not listed.startswith("file:")
    }


def required(name: str) -> set[str]:
    return asked((REQUIREMENTS / name).read_text(encoding="utf-8").splitlines())


@cache
def installed() -> Mapping[str, list[str]]:
    """Module -> the distributions that bring it; it takes long to read."""
    return packages_distributions()


def imported(folder: str) -> set[str]:
    """The distributions that the modules of `folder` import, anywhere in them."""
    modules = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.partition(".")[0])
    known = installed()
    others = modules - sys.stdlib_module_names - OURS
    names = {normal(known.get(module, [module])[0]) for module in others}
    return {BROUGHT.get(name, name) for name in names}


def test_the_program_imports_what_it_asks_for() -> None:
    of_extras = {
        name: each for name, each in extras().items() if name not in ("train", "docs", "test")
    }
    optional = set().union(*of_extras.values())
    assert imported("batch_predict") == required("core.txt") | {"keras"} | optional
    assert required("core.txt") & optional == set()
    assert required("keras.txt") - BY_KERAS == {"keras"}


def test_training_imports_what_it_asks_for() -> None:
    asked_for = extras()["train"]
    names = imported("train")
    assert asked_for - names - BY_KERAS == set()
    assert names - asked_for - required("core.txt") - BY_KERAS == {"keras"}


def test_the_page_on_installing_says_what_an_extra_brings() -> None:
    text = (ROOT / "docs" / "how-to" / "install.md").read_text(encoding="utf-8")
    table = text.split("| extra | brings |")[1].split("\n\n")[0]
    said = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", table, re.M))
    brought = {name: asked(re.findall(r"`(.*?)`", packages)) for name, packages in said.items()}
    known = extras()
    known["aws"] |= known["cloud"]  # which it asks for
    assert brought == {name: known[name] for name in brought}
    assert set(known) - set(brought) == {"onnx", "openvino", "train", "docs", "test"}


def test_an_image_is_built_of_all_that_an_install_reads_and_of_no_more() -> None:
    """.dockerignore lets nothing through but that: what else lies in a clone is in no layer."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    first, *through, last = [line for line in lines if not line.startswith("#")]
    config = configparser.ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg")
    named = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    read = {"pyproject.toml", "setup.cfg", *config["metadata"]["license_files"].split()}
    read |= set(re.findall(r"= (\S+)", config["options"]["package_dir"]))
    for listed in re.findall(r"= file: (.+)", named):
        read |= set(listed.split(", "))
    operate = (ROOT / "docs" / "how-to" / "operate.md").read_text(encoding="utf-8")
    read |= set(re.findall(r"-c /src/(\S+)", operate))
    assert (first, last) == ("*", "**/__pycache__")
    assert sorted(through) == sorted({f"!{name.partition('/')[0]}" for name in read})
