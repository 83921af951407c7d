from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.prepare import Postponed, Prepare
from batch_predict.records import Code, Failure, ImageRef, Prepared
from batch_predict.storage.folder import Folder
from tests.conftest import noise, save

REF = ImageRef("a.png")


@pytest.fixture
def prepare(tmp_path: Path) -> Prepare:
    return Prepare(str(tmp_path), 1000, Preprocess.AUTO, Polarity.AUTO)


def fail(prepare: Prepare, path: str, size: int = 0) -> Failure:
    (failure,) = prepare.each((ImageRef(path, size),))
    assert isinstance(failure, Failure)
    return failure


def code(prepare: Prepare, path: str, size: int = 0) -> Code:
    return fail(prepare, path, size).reason.code


def test_a_file_that_went_away(prepare: Prepare) -> None:
    assert code(prepare, "a.png") is Code.VANISHED


def test_a_folder_that_cannot_be_listed(prepare: Prepare) -> None:
    failure = fail(prepare, "a/")
    assert failure.reason.code is Code.UNREADABLE
    assert failure.cause.startswith("FileNotFoundError: [Errno 2] No such file or directory: ")


@pytest.mark.parametrize("error", [PermissionError(13, "no"), OSError(5, "the disk")])
def test_a_file_that_may_not_be_read(
    prepare: Prepare, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    def read(folder: Folder, path: str) -> bytes:
        raise error

    monkeypatch.setattr(Folder, "read", read)
    failure = fail(prepare, "a.png")
    assert failure.reason.code is Code.UNREADABLE
    assert failure.cause == f"{type(error).__name__}: {error}"


def test_what_caused_the_error_of_a_store_is_told(
    prepare: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(folder: Folder, path: str) -> bytes:
        raise OSError(5, "access is denied") from ValueError("<Code>AccessDenied</Code>")

    monkeypatch.setattr(Folder, "read", read)
    assert fail(prepare, "a.png").cause == (
        "OSError: [Errno 5] access is denied; caused by ValueError: <Code>AccessDenied</Code>"
    )


def test_a_file_larger_than_any_picture_is_not_read(prepare: Prepare, tmp_path: Path) -> None:
    with open(tmp_path / "a.tif", "wb") as file:
        file.truncate(10 << 40)  # ten terabytes, and not a byte on disk
    assert code(prepare, "a.tif", 10 << 40) is Code.TOO_LARGE


@pytest.mark.parametrize(
    ("side", "max_pixels", "cap", "expected"),
    [
        pytest.param(10, 1000, 100, Prepared, id="at the cap"),
        pytest.param(11, 1000, 100, Postponed, id="over the cap"),
        pytest.param(40, 1000, 100, Postponed, id="over both: the step without a cap will say so"),
        pytest.param(40, 1000, 2000, Failure, id="over the limit, under the cap"),
        pytest.param(40, 1000, 1000, Failure, id="the cap is the limit"),
        pytest.param(40, 1000, None, Failure, id="no cap"),
    ],
)
def test_a_capped_step_postpones_what_is_larger(
    side: int, max_pixels: int, cap: int | None, expected: type, tmp_path: Path
) -> None:
    save(tmp_path / "a.png", np.full((side, side), 255, np.uint8) - noise(0)[0, 0])
    step = Prepare(str(tmp_path), max_pixels, Preprocess.PLAIN, Polarity.AUTO)
    (item,) = (step if cap is None else step.capped(cap)).each((REF,))
    assert type(item) is expected


def test_a_large_file_is_postponed_before_it_is_read(prepare: Prepare) -> None:
    step = replace(prepare, max_pixels=1 << 40).capped(1000)
    (item,) = step.each((ImageRef("missing.tif", 1 << 30),))
    assert isinstance(item, Postponed)
