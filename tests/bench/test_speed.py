"""The benchmark runs, at a small size and without the data; its figures are not judged."""

import pytest

from tests.bench import scale
from tests.bench.__main__ import main
from tests.s3.server import environment

pytestmark = pytest.mark.slow


def test_rivals_write_the_same_labels(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIGITS_DATA", raising=False)
    main(["--pictures", "120", "--rounds", "1", "--runtimes", "onnx", "--rivals", "keras"])
    said = capsys.readouterr().out
    assert said.count("| batch_predict, onnx |") == 2
    assert said.count("| keras utility | ") == 2


def test_cost_against_size(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIGITS_DATA", raising=False)
    main(["--sizes", "300", "--rounds", "1", "--runtimes", "onnx"])
    assert "| onnx | 300 |" in capsys.readouterr().out


@pytest.mark.s3
def test_the_bucket_that_is_late(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIGITS_DATA", raising=False)
    for name in environment(0):
        monkeypatch.setenv(name, "")  # put back afterwards
    scale.main(["s3", "--count", "300"])
    said = capsys.readouterr().out
    assert "| bucket, 20 ms | 300 |" in said
    assert "Reads alone" in said
