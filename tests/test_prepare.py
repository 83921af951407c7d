from pathlib import Path

import pytest

from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.prepare import Prepare
from batch_predict.records import Code, Failure, ImageRef
from batch_predict.storage.folder import Folder


@pytest.fixture
def prepare(tmp_path: Path) -> Prepare:
    return Prepare(str(tmp_path), 1000, Preprocess.AUTO, Polarity.AUTO)


def code(prepare: Prepare, path: str, size: int = 0) -> Code:
    failure = prepare(ImageRef(path, size))
    assert isinstance(failure, Failure)
    return failure.reason.code


def test_a_file_that_went_away(prepare: Prepare) -> None:
    assert code(prepare, "a.png") is Code.VANISHED


def test_a_folder_that_cannot_be_listed(prepare: Prepare) -> None:
    assert code(prepare, "a/") is Code.UNREADABLE


@pytest.mark.parametrize("error", [PermissionError(13, "no"), OSError(5, "the disk")])
def test_a_file_that_may_not_be_read(
    prepare: Prepare, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    def read(folder: Folder, path: str) -> bytes:
        raise error

    monkeypatch.setattr(Folder, "read", read)
    assert code(prepare, "a.png") is Code.UNREADABLE


def test_a_file_larger_than_any_picture_is_not_read(prepare: Prepare, tmp_path: Path) -> None:
    with open(tmp_path / "a.tif", "wb") as file:
        file.truncate(10 << 40)  # ten terabytes, and not a byte on disk
    assert code(prepare, "a.tif", 10 << 40) is Code.TOO_LARGE
