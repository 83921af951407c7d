"""An IDX file's pictures are had as PGMs, with the labels of the file beside it."""

import gzip
import io
import struct
from collections.abc import Mapping
from itertools import islice

import numpy as np
import pytest

from batch_predict.decode import decode
from batch_predict.options import MAX_PIXELS
from batch_predict.records import Code, ImageRef, Picture
from batch_predict.storage.archives.archive import Beside, MemberError
from batch_predict.storage.archives.idx_images import IdxImages
from batch_predict.storage.archives.kinds import kind_of, open_archive

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8)
NAME = "t10k-images-idx3-ubyte"


def images(pixels: np.ndarray = PIXELS, *, claims: tuple[int, int, int] | None = None) -> bytes:
    return struct.pack(">HBB3I", 0, 8, 3, *(claims or pixels.shape)) + pixels.tobytes()


def labels(digits: bytes, *, claims: int | None = None) -> bytes:
    return struct.pack(">HBBI", 0, 8, 1, len(digits) if claims is None else claims) + digits


def opened(data: bytes, name: str = NAME, beside: Mapping[str, bytes] | None = None) -> IdxImages:
    files = beside or {}

    def open_beside(other: str) -> io.BytesIO | None:
        return io.BytesIO(files[other]) if other in files else None

    archive = open_archive("IDX", io.BytesIO(data), Beside(name, open_beside))
    assert isinstance(archive, IdxImages)
    return archive


def truths(name: str, beside: Mapping[str, bytes], data: bytes | None = None) -> list[int | None]:
    return [member.truth for member in opened(data or images(), name, beside).members()]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
@pytest.mark.parametrize(
    "places",
    [
        pytest.param([0, 1, 2, 3, 4], id="all"),
        pytest.param([1, 2, 4], id="some"),
        pytest.param([4, 3, 0, 1], id="backwards"),
        pytest.param([2, 2], id="one twice"),
        pytest.param([], id="none"),
    ],
)
def test_each_picture_is_decoded_to_its_pixels(places: list[int], pack: type[bytes]) -> None:
    contents = opened(pack(images())).read_each([ImageRef(str(p), place=p) for p in places])
    for place, content in zip(places, contents, strict=True):
        assert isinstance(content, bytes)
        picture = decode(ImageRef("x"), content, MAX_PIXELS)
        assert isinstance(picture, Picture)
        np.testing.assert_array_equal(picture.pixels, PIXELS[place])


def test_large_pictures_are_read_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batch_predict.storage.archives.idx_images._AT_A_TIME", 1000)
    contents = opened(images()).read_each([ImageRef(str(p), place=p) for p in range(5)])
    assert list(contents) == [b"P5 28 28 255\n" + picture.tobytes() for picture in PIXELS]


def test_what_is_listed() -> None:
    first, *_, last = opened(images()).members()
    assert first[:3] == ("000000", 0, 784 + 13)
    assert last[:3] == ("000004", 4, 784 + 13)


@pytest.mark.parametrize(
    ("name", "beside"),
    [
        ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
        ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte.gz"),
        ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte"),
        ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
        ("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"),
        ("t10k-images.idx3-ubyte", "t10k-labels-idx1-ubyte"),
        ("t10k-images-idx3-ubyte.gz", "t10k-labels.idx1-ubyte"),
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    ],
)
def test_labels_beside(name: str, beside: str) -> None:
    data = labels(bytes([7, 2, 10, 0, 255]))
    packed = gzip.compress(data) if beside.endswith("gz") else data
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("batch_predict.storage.archives.idx_images._AT_A_TIME", 2)
        assert truths(name, {beside: packed}) == [7, 2, None, 0, None]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("train-images-idx3-ubyte", id="another set's"),
        pytest.param("pictures-idx3-ubyte", id="another name"),
        pytest.param("t10k-images", id="no ending"),
    ],
)
def test_labels_of_others_are_not_taken(name: str) -> None:
    assert truths(name, {"t10k-labels-idx1-ubyte": labels(bytes(5))}) == [None] * 5


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(labels(bytes(4)), id="fewer"),
        pytest.param(labels(bytes(6)), id="more"),
        pytest.param(labels(bytes(4), claims=5), id="cut"),
        pytest.param(labels(bytes(6), claims=5), id="long"),
        pytest.param(labels(bytes(5), claims=(1 << 32) - 1), id="a count that lies"),
        pytest.param(gzip.compress(labels(bytes(5)))[:-9], id="gz cut"),
        pytest.param(gzip.compress(labels(bytes(5)))[:-8] + bytes(8), id="gz garbled"),
        pytest.param(images(), id="pictures"),
        pytest.param(labels(b"")[:5], id="half a header"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_labels_that_do_not_fit_are_warned_of(
    data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    assert truths(NAME, {"t10k-labels-idx1-ubyte": data}) == [None] * 5
    (record,) = caplog.records
    assert "t10k-labels-idx1-ubyte is not used" in record.getMessage()


def test_labels_of_the_whole_are_those_of_what_is_before_a_cut() -> None:
    archive = opened(images()[:-1], NAME, {"t10k-labels-idx1-ubyte": labels(bytes(range(5)))})
    assert [member.truth for member in islice(archive.members(), 4)] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("data", "whole", "code"),
    [
        pytest.param(images()[:-1], 4, Code.TRUNCATED, id="a byte"),
        pytest.param(images()[:16], 0, Code.TRUNCATED, id="all pictures"),
        pytest.param(gzip.compress(images())[:-9], 4, Code.TRUNCATED, id="gz"),
        pytest.param(gzip.compress(images())[:-8] + bytes(8), 5, Code.CORRUPT, id="checksum"),
        pytest.param(
            images(claims=(4_000_000_000, 60_000, 60_000)), 0, Code.TRUNCATED, id="a huge claim"
        ),
        pytest.param(images(claims=(4_000_000_000, 28, 28)), 5, Code.TRUNCATED, id="a huge count"),
    ],
)
def test_what_is_before_a_break_is_had(data: bytes, whole: int, code: Code) -> None:
    archive = opened(data)
    members = archive.members()
    for place in range(whole):
        assert next(members).place == place
    with pytest.raises(MemberError) as raised:
        next(members)
    assert raised.value.reason.code is code
    (beyond,) = archive.read_each([ImageRef("", place=whole)])
    assert isinstance(beyond, MemberError)


def test_what_is_too_long_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    assert len(list(opened(images() + b"abc").members())) == 5
    assert "3 bytes after the 5 pictures" in caplog.text


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(images()[:15], Code.TRUNCATED, id="no whole header"),
        pytest.param(b"", Code.TRUNCATED, id="nothing"),
        pytest.param(gzip.compress(images())[:15], Code.TRUNCATED, id="gz without a header"),
        pytest.param(labels(bytes(20)), Code.UNSUPPORTED, id="labels"),
        pytest.param(labels(bytes(1)), Code.UNSUPPORTED, id="a label"),
        pytest.param(images().replace(b"\x08", b"\x0d", 1), Code.UNSUPPORTED, id="floats"),
        pytest.param(images(claims=(5, 0, 28)), Code.UNSUPPORTED, id="no height"),
        pytest.param(images(claims=(5, 28, 0)), Code.UNSUPPORTED, id="no width"),
    ],
)
def test_what_can_not_be_opened(data: bytes, code: Code) -> None:
    with pytest.raises(MemberError) as raised:
        opened(data)
    assert raised.value.reason.code is code


@pytest.mark.parametrize("data", [images(), gzip.compress(images()), labels(b"\x07")])
def test_it_is_told_by_its_first_bytes(data: bytes) -> None:
    assert kind_of(io.BytesIO(data), "x") == "IDX"
