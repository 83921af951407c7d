import errno
import hashlib
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile

from batch_predict import prepare as prepare_module
from batch_predict.decode import decoder
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.prepare import Plain, Postponed, Prepare
from batch_predict.records import Code, Failure, ImageRef, Prepared, Reason, Reduced
from batch_predict.storage.folder import Folder
from batch_predict.storage.picture_names import UNREAD
from tests.conftest import noise, save
from tests.support.mnist_form import place as placed

REF = ImageRef("a.png")


@pytest.fixture
def prepare(tmp_path: Path) -> Prepare:
    return Prepare(str(tmp_path), 1000, Preprocess.AUTO, Polarity.AUTO)


def fail(prepare: Prepare, path: str, size: int | None = 0) -> Failure:
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


def raise_(error: Exception) -> Callable[..., Any]:
    def act(*args: object) -> object:
        raise error

    return act


def of_opencv() -> cv2.error:
    error = cv2.error("Failed to allocate 14520000 bytes")
    error.code = cv2.Error.STS_NO_MEM
    return error


@pytest.mark.parametrize(
    ("owner", "name", "error"),
    [
        pytest.param(Folder, "read", MemoryError(), id="reading"),
        pytest.param(Folder, "read", OSError(errno.ENOMEM, "no memory"), id="the system, reading"),
        pytest.param(decoder, "quick_png", MemoryError(), id="a plain file"),
        pytest.param(decoder, "detect_format", MemoryError(), id="looking at a file"),
        pytest.param(decoder, "to_grey_or_rgb", of_opencv(), id="decoding"),
        pytest.param(prepare_module, "normalize", MemoryError(), id="normalizing"),
        pytest.param(prepare_module, "normalize", of_opencv(), id="OpenCV, normalizing"),
    ],
)
def test_too_little_memory_costs_a_picture_and_may_pass(
    prepare: Prepare,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    name: str,
    error: Exception,
) -> None:
    save(tmp_path / "a.bmp", noise(0))
    save(tmp_path / "b.png", noise(0))
    path = "b.png" if name == "quick_png" else "a.bmp"
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, raise_(error))
        assert fail(prepare, path, None).reason.code is Code.OUT_OF_MEMORY
    (item,) = prepare.each([ImageRef(path)])
    assert isinstance(item, Reduced)


def test_an_error_of_opencv_that_is_none_of_memory_is_a_bug(
    prepare: Prepare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path / "a.png", noise(0))
    monkeypatch.setattr(prepare_module, "normalize", raise_(cv2.error("assertion failed")))
    with pytest.raises(cv2.error):
        list(prepare.each([REF]))


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


def test_a_file_whose_size_was_not_known_is_too_large(
    prepare: Prepare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batch_predict.prepare.FILE_SIZE", 100)
    monkeypatch.setattr("batch_predict.prepare.BYTES_PER_PIXEL", 0)
    (tmp_path / "a.png").write_bytes(bytes(101))
    (item,) = prepare.each((ImageRef("a.png"),))
    assert isinstance(item, Failure)
    assert item.reason == Reason(Code.TOO_LARGE, "a file of 101 bytes")


@pytest.mark.parametrize("preprocess", Preprocess)
@pytest.mark.parametrize("polarity", Polarity)
@pytest.mark.parametrize("cap", [None, 28 * 28 - 1, 28 * 28])
def test_what_is_begun_and_finished_is_what_each_gives(
    preprocess: Preprocess, polarity: Polarity, cap: int | None, tmp_path: Path
) -> None:
    digit = placed(np.ones((100, 10), np.float32))
    for number, pixels in enumerate([digit, noise(0), 255 - digit, digit.T.copy(), noise(1)[:9]]):
        save(tmp_path / f"{number}.png", pixels)
        save(tmp_path / f"{number}.bmp", pixels)
    (tmp_path / "damaged.png").write_bytes((tmp_path / "0.png").read_bytes()[:-20])
    names = sorted([*(path.name for path in tmp_path.iterdir()), "missing.png"])
    refs = [ImageRef(name, truth=7) for name in names]
    step = Prepare(str(tmp_path), 1000, preprocess, polarity, cap)
    begun = dict(enumerate(step.begin(refs)))
    plain = {place: item for place, item in begun.items() if isinstance(item, Plain)}
    together = step.finish(refs, plain)
    assert len(plain) == (0 if cap == 28 * 28 - 1 else 4)
    items = {
        **{place: item for place, item in begun.items() if place not in plain},
        **together.others,
        **{
            place: Prepared(refs[place]._replace(content_sha256=content), pixels)
            for place, pixels, content in zip(
                together.places, together.pixels, together.hashes, strict=True
            )
        },
    }
    for place, expected in enumerate(step.each(refs)):
        np.testing.assert_equal(items[place], expected)  # type: ignore[call-overload]
        assert type(items[place]) is type(expected)
    assert len(items) == len(refs)


def test_the_content_of_what_was_read_is_known(prepare: Prepare, tmp_path: Path) -> None:
    save(tmp_path / "plain.png", noise(0))
    save(tmp_path / "page.png", np.full((90, 60), 255, np.uint8))
    save(tmp_path / "large.png", np.zeros((40, 40), np.uint8))
    (tmp_path / "broken.png").write_bytes((tmp_path / "plain.png").read_bytes()[:40])
    (tmp_path / "empty.png").touch()
    names = ["plain.png", "page.png", "large.png", "broken.png", "empty.png"]
    items = replace(prepare, in_dir=str(tmp_path), max_pixels=1000).each(list(map(ImageRef, names)))
    expected = [hashlib.sha256((tmp_path / name).read_bytes()).digest() for name in names]
    assert [item.ref.content_sha256 for item in items] == expected


def test_what_was_not_read_has_no_content(prepare: Prepare) -> None:
    (missing, too_large) = prepare.each((ImageRef("missing.png"), ImageRef("a.png", 1 << 40)))
    assert missing.ref.content_sha256 is too_large.ref.content_sha256 is None


JXL, PNG_START = b"\xff\x0a\xfa\x7f", b"\x89PNG\r\n\x1a\n"


def tiff_of(path: Path, kind: str) -> bytes:
    """A TIFF, or one as a camera writes it, whose first page is a small copy."""
    extra = [(50706, "B", 4, (1, 4, 0, 0), True)] if kind == "DNG" else []
    beside = {"subifds": 1, "subfiletype": 1} if kind == "NEF" else {}
    with tifffile.TiffWriter(path) as file:
        file.write(noise(1), photometric="minisblack", extratags=extra, metadata=None, **beside)
        if beside:
            file.write(noise(2).repeat(2, 0).repeat(2, 1), metadata=None)
    return cr2() if kind == "CR2" else path.read_bytes()


def cr2() -> bytes:
    """A whole picture of (28, 28) behind Canon's mark."""
    values = {256: 28, 257: 28, 258: 8, 259: 1, 262: 1, 273: 16 + 2 + 8 * 12 + 4, 278: 28, 279: 784}
    fields = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in values.items())
    directory = struct.pack("<H", len(values)) + fields + bytes(4)
    return struct.pack("<2sHI4sI", b"II", 42, 16, b"CR\2\0", 0) + directory + bytes(784)


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        *(pytest.param(suffix, b"anything", id=suffix) for suffix in sorted(UNREAD)),
        pytest.param(".jxl", JXL, id="JPEG XL"),
        pytest.param(".jxl", PNG_START, id="a damaged PNG"),
        pytest.param(".psd", JXL, id="another that is not read"),
    ],
)
def test_a_kind_of_picture_that_is_not_read_is_named(
    prepare: Prepare, tmp_path: Path, suffix: str, content: bytes
) -> None:
    (tmp_path / f"a{suffix.upper()}").write_bytes(content)
    reason = fail(prepare, f"a{suffix.upper()}").reason
    assert reason.code is Code.UNSUPPORTED
    assert reason.words in {UNREAD[suffix], "JPEG XL"}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        pytest.param("a.dng", b"", Code.NOT_AN_IMAGE, id="empty"),
        pytest.param("a.001", b"anything", Code.NOT_AN_IMAGE, id="another name"),
        pytest.param("a.svg.bin", b"<svg></svg>", Code.NOT_AN_IMAGE, id="a drawing by no name"),
        pytest.param("a.jpg", b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", Code.UNSUPPORTED, id="CR3"),
        pytest.param("a.jpg", b"FUJIFILMCCD-RAW 0201", Code.UNSUPPORTED, id="RAF"),
    ],
)
def test_else_the_content_decides(
    prepare: Prepare, tmp_path: Path, name: str, content: bytes, code: Code
) -> None:
    (tmp_path / name).write_bytes(content)
    assert fail(prepare, name).reason.code is code


@pytest.mark.parametrize("name", ["a.dng", "a.tif"])
@pytest.mark.parametrize("kind", ["DNG", "NEF", "CR2"])
def test_the_small_copy_in_a_raw_file_is_no_picture(
    prepare: Prepare, tmp_path: Path, name: str, kind: str
) -> None:
    (tmp_path / name).write_bytes(tiff_of(tmp_path / "x", kind))
    assert fail(prepare, name).reason == Reason(Code.UNSUPPORTED, "a camera's raw file")


def test_a_picture_by_the_name_of_a_kind_that_is_not_read_is_read(
    prepare: Prepare, tmp_path: Path
) -> None:
    save(tmp_path / "a.png", noise(1)).rename(tmp_path / "a.dng")
    (tmp_path / "b.nef").write_bytes(tiff_of(tmp_path / "x", "TIFF"))
    for item in prepare.each((ImageRef("a.dng"), ImageRef("b.nef"))):
        assert isinstance(item, Reduced)
