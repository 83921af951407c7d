"""A file that failed is shown as far as it can be decoded, whatever it does to its decoder."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from batch_predict.review.broken_picture import broken_picture
from tests.conftest import noise


def png(side: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.kron(noise(0), np.ones((side // 28, side // 28), np.uint8))).save(
        file, "png"
    )
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "shape"),
    [
        pytest.param(png(56), (56, 56, 3), id="whole"),
        pytest.param(png(56)[:-200], (56, 56, 3), id="cut"),
        pytest.param(png(560), (100, 100, 3), id="large"),
        pytest.param(png(56)[:60], None, id="no pixel"),
        pytest.param(b"no picture", None, id="none"),
        pytest.param(b"", None, id="empty"),
    ],
)
def test_what_is_shown(content: bytes, shape: tuple[int, ...] | None) -> None:
    shown = broken_picture(content, 100)
    assert (None if shown is None else shown.shape) == shape


def test_no_program_is_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As Pillow starts Ghostscript on PostScript, which is a program, too."""
    program, ran = tmp_path / "gs", tmp_path / "ran"
    program.write_text(f"#!/bin/sh\necho > {ran}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert broken_picture(b"%!PS-Adobe-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n", 100) is None
    assert not ran.exists()


LOOP = "from PIL import Image; Image.open = lambda *_, **how: [None for _ in iter(int, 1)]"


@pytest.mark.parametrize(
    ("ends", "seconds"),
    [
        pytest.param("import os; os.abort()", {}, id="crashes"),
        pytest.param("import time; time.sleep(600)", {"_SECONDS": 0.2}, id="hangs"),
        pytest.param(LOOP, {"_CPU_SECONDS": 1}, id="never ends"),
    ],
)
def test_a_decoder_that_crashes_or_hangs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ends: str, seconds: dict[str, float]
) -> None:
    (tmp_path / "sitecustomize.py").write_text(ends)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    for name, limit in seconds.items():
        monkeypatch.setattr(f"batch_predict.review.broken_picture.{name}", limit)
    assert broken_picture(png(56), 100) is None
