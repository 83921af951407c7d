"""A training replaces what a training wrote, never its inputs, nothing of anybody else."""

import json
import os
from importlib import import_module
from pathlib import Path

import pytest

from batch_predict.errors import OutputError, UsageError
from batch_predict.storage.file_hash import file_sha256
from train.cli import main
from train.ownership import check_export, check_model


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write_model(name: str = "my.keras", **card: object) -> None:
    Path(name).write_bytes(b"PK\x03\x04")
    told = {"sha256": file_sha256(name), **card}
    Path(name).with_suffix(".json").write_text(json.dumps(told))


def test_a_model_of_a_training_is_replaced() -> None:
    check_model("my.keras", {}, overwrite=False)  # nothing is there
    Path("my.keras").touch()
    check_model("my.keras", {}, overwrite=False)
    write_model(training={})
    check_model("my.keras", {}, overwrite=False)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: Path("my.keras").write_bytes(b"PK\x03\x04"), id="no card"),
        pytest.param(lambda: write_model(scale=[0, 255]), id="a card by hand"),
        pytest.param(lambda: write_model(training={}, sha256="0"), id="another model's card"),
        pytest.param(lambda: Path("my.json").write_text("{}"), id="a card without a model"),
        pytest.param(
            lambda: (write_model(), Path("my.json").write_text("[" * 9000)), id="deep JSON"
        ),
    ],
)
def test_another_is_kept(make, capsys: pytest.CaptureFixture[str]) -> None:
    make()
    before = {path.name: path.read_bytes() for path in Path().iterdir()}
    assert main(["--output", "my.keras", "--data", "nowhere"]) == 2
    assert "my.keras, or its card, is there already" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in Path().iterdir()} == before
    check_model("my.keras", {}, overwrite=True)


CLASSIFIER = ["classifier", "--steps=1"]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["--init", "my.keras"], id="init"),
        pytest.param(["classifier", "--steps=1", "--ink=no", "--start", "my.keras"], id="start"),
        pytest.param(
            ["classifier", "--steps=1", "--ink=no", "--teacher", "my.keras"], id="teacher"
        ),
        pytest.param(["classifier", "--steps=1", "--ink", "my.keras"], id="ink"),
    ],
)
@pytest.mark.parametrize("output", ["my.keras", "./my.keras", "link.keras", "hard.keras"])
def test_an_input_is_never_replaced(
    command: list[str], output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_model(training={})
    Path("link.keras").symlink_to("my.keras")
    os.link("my.keras", "hard.keras")
    assert main([*command, "--output", output, "--data", "no", "--overwrite"]) == 2
    assert f"{output} is the " in capsys.readouterr().err


def test_what_is_no_file_is_not_replaced() -> None:
    Path("my.keras").symlink_to("/dev/null")
    with pytest.raises(OutputError, match="a device"):
        check_model("my.keras", {}, overwrite=True)
    with pytest.raises(OutputError, match="a device"):
        check_export("my.keras", overwrite=True)


def test_an_export_replaces_exports_alone() -> None:
    check_export("my.onnx", overwrite=False)
    Path("my.onnx").write_bytes(b"\x0a\x0dsource_sha256\x12\x40" + b"0" * 64)
    check_export("my.onnx", overwrite=False)
    Path("my.onnx").write_bytes(b"theirs")
    with pytest.raises(UsageError, match="is no export"):
        check_export("my.onnx", overwrite=False)
    check_export("my.onnx", overwrite=True)


def test_a_sheet_of_errors_replaces_sheets_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.png").write_bytes(b"theirs")
    assert main(["evaluate", "digits", "--errors", "mine.png"]) == 2
    assert "mine.png is there already" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["drawn", "pictures"])
def test_a_sheet_replaces_no_picture_of_somebody_else(command, tmp_path, monkeypatch, capsys):
    theirs = tmp_path / "photo.png"
    theirs.write_bytes(b"somebody else's")
    monkeypatch.setattr("sys.argv", [command, str(theirs)])
    with pytest.raises(SystemExit, match="2"):
        import_module(f"train.{command}.__main__").main()
    assert "--overwrite" in capsys.readouterr().err
    assert theirs.read_bytes() == b"somebody else's"
