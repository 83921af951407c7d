"""The benchmark runs, at a small size and without the data; its figures are not judged."""

import pytest

from tests.bench import scale
from tests.bench.__main__ import main
from tests.s3.server import environment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # on a busy machine

SMALL = ["--pictures", "120", "--large", "1", "--rounds", "1", "--runtimes", "onnx"]


@pytest.fixture(autouse=True)
def no_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIGITS_DATA", raising=False)


@pytest.mark.parametrize(
    ("table", "options", "lines"),
    [
        pytest.param(
            "pngs",
            [],
            ["| 120 PNGs without truth |", "| batch_predict, onnx |", "| Keras utility |"],
            id="PNGs",
        ),
        pytest.param(
            "large",
            [],
            ["phone photo | ratio | scan | ratio", "| Pillow, ", "| batch_predict, onnx |"],
            id="photos and scans",
        ),
        pytest.param(
            "reports", ["--report-rows", "130"], ["| 100 | onnx |", "| 130 | onnx |"], id="reports"
        ),
        pytest.param(
            "others", [], ["| main process ", "| `--help`, ", "| `--incremental` "], id="others"
        ),
    ],
)
def test_table(
    table: str, options: list[str], lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main([*SMALL, "--tables", table, *options])
    said = capsys.readouterr().out
    for line in lines:
        assert said.count(line) == 1


@pytest.mark.s3
def test_the_bucket_that_is_late(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in environment(0):
        monkeypatch.setenv(name, "")  # put back afterwards
    scale.main(["s3", "--count", "300"])
    said = capsys.readouterr().out
    assert "| bucket, 20 ms | 300 |" in said
    assert "Reads alone" in said
