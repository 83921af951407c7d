"""Plots as inline SVG."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from batch_predict.evaluate import evaluate
from batch_predict.report.figures import figures
from batch_predict.report.svg import COLOURS
from tests.conftest import ROOT
from tests.support.scored import drawn, scored


@pytest.fixture(scope="module")
def plots() -> dict[str, str]:
    truth, probabilities = drawn(500)
    return figures(evaluate(scored(truth, probabilities.argmax(1), probabilities.max(1))))


def test_every_plot_says_what_it_is_and_takes_the_pages_colours(plots: dict[str, str]) -> None:
    assert list(plots) == ["confusion", "digits", "reliability", "trust", "let_through"]
    for svg in plots.values():
        assert svg.startswith('<svg viewBox="')
        assert 'role="img" aria-label="' in svg
        assert "var(--ink)" in svg
        assert not [colour for colour in COLOURS if colour in svg]
        for forbidden in ("http", "<image", "<metadata", "<script", "xmlns", "#000000"):
            assert forbidden not in svg


def test_numbered_ids_are_gone_and_references_hold(plots: dict[str, str]) -> None:
    for svg in plots.values():
        referred = {part.split('"')[0] for part in svg.split('href="#')[1:]}
        referred |= {part.split(")")[0] for part in svg.split("url(#")[1:]}
        assert all(f'id="{name}"' in svg for name in referred)
        assert 'id="axes_1"' not in svg


@pytest.mark.slow
def test_quiet_and_the_same_without_a_home_and_with_a_style_of_the_users(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nfont.size: 30\n")
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "from batch_predict.report.svg import to_svg\n"
        "print(to_svg(lambda figure: figure.add_subplot().set_title('words'), 'a plot'))"
    )
    environment = {**os.environ, "HOME": "/dev/null/none", "XDG_CACHE_HOME": "/dev/null/none"}
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        for folder in (tmp_path, tmp_path.parent)
    ]
    assert runs[0].stdout == runs[1].stdout
    assert [run.stderr for run in runs] == ["", ""]
