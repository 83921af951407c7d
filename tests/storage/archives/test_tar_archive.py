"""Tar archives: those that `tarfile` makes, and what no program should."""

import gzip
import io
import random
import tarfile
from collections.abc import Callable
from typing import BinaryIO, NamedTuple, cast

import pyarrow as pa
import pytest

from batch_predict.records import Code, ImageRef, Reason
from batch_predict.storage.archives import Archive, Member, MemberError
from batch_predict.storage.archives.archive import Beside, Skipped
from batch_predict.storage.archives.kinds import open_archive
from tests.support.peak import forget_own_peak, own_peak_mib

BLOCK = tarfile.BLOCKSIZE
BESIDE = Beside("in.tar", lambda _: None)
CUT = Reason(Code.TRUNCATED, "the archive is cut short")
NO_END = Reason(Code.TRUNCATED, "the archive is cut short: its end mark is missing")
CUT_IN_IT = Reason(Code.TRUNCATED, "the archive is cut short in it")
BAD_HEADER = Reason(Code.CORRUPT, "a header in the archive is damaged")
LONG_HEADER = Reason(Code.UNSUPPORTED, "a header in the archive is longer than any name")
DAMAGED = Reason(Code.CORRUPT, "the archive's compressed data are damaged")
LEADS_OUT = Reason(Code.UNSUPPORTED, "its name leads out of the archive")

LONG = "/".join(["folder" * 10] * 5) + "/é.png"
NAMES = {"7/a.png": b"a" * 300, "7/b.png": b"b" * 512, "empty.png": b"", LONG: b"c" * 9000}


def header(name: str, size: int = 0, **fields: object) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.size = size
    for field, value in fields.items():
        setattr(found, field, value)
    return found


def tar(files: dict[str, bytes], form: int = tarfile.PAX_FORMAT, *others: tarfile.TarInfo) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in files.items():
            archive.addfile(header(name, len(content)), io.BytesIO(content))
        for other in others:
            archive.addfile(other)
    return out.getvalue()


def zstd(content: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(content)
    return bytes(out.getvalue())


class Found(NamedTuple):
    contents: dict[str, bytes | Reason]
    skipped: list[str]
    broke_off: Reason | None


def found(data: bytes) -> Found:
    """What an archive of `data` holds, each content read by another Archive than lists it."""
    members: list[Member] = []
    skipped: list[str] = []
    broke_off = None
    try:
        opened = open_tar(data)
    except MemberError as error:
        return Found({}, [], error.reason)
    try:
        for each in opened.members():
            if isinstance(each, Skipped):
                skipped.append(each.category)
            elif isinstance(each, Member):
                members.append(each)
    except MemberError as error:
        broke_off = error.reason
    whole = [each for each in members if each.fault is None]
    refs = [ImageRef(each.name, each.size, place=each.place) for each in whole]
    contents: dict[str, bytes | Reason] = {each.name: each.fault for each in members if each.fault}
    for ref, content in zip(refs, open_tar(data).read_each(refs), strict=True):
        assert isinstance(content, bytes)
        contents[ref.path] = content
    return Found(contents, skipped, broke_off)


def open_tar(data: bytes) -> Archive:
    return open_archive("tar", io.BytesIO(data), BESIDE)


@pytest.mark.parametrize(
    "compress",
    [
        pytest.param(lambda data: data, id="plain"),
        pytest.param(gzip.compress, id="gzip"),
        pytest.param(lambda data: gzip.compress(data[:700]) + gzip.compress(data[700:]), id="two"),
        pytest.param(zstd, id="zstd"),
        pytest.param(lambda data: zstd(data[:700]) + zstd(data[700:]), id="zstd-two"),
    ],
)
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_what_is_put_in_is_found(form: int, compress: Callable[[bytes], bytes]) -> None:
    files = {name: NAMES[name] for name in NAMES if form != tarfile.USTAR_FORMAT or name != LONG}
    assert found(compress(tar(files, form))) == Found(files, [], None)


@pytest.mark.parametrize(
    ("name", "path", "fault"),
    [
        pytest.param("./7/a.png", "7/a.png", None, id="dot"),
        pytest.param("7//./a.png", "7/a.png", None, id="empty-parts"),
        pytest.param("a" * 90 + "/" + "b" * 90 + ".png", None, None, id="prefix-of-ustar"),
        pytest.param("caf\udce9.png", "caf\udce9.png", None, id="not-utf-8"),
        pytest.param("/etc/a.png", "(root)/etc/a.png", LEADS_OUT, id="absolute"),
        pytest.param("7/../../a.png", "7/(..)/(..)/a.png", LEADS_OUT, id="up"),
    ],
)
def test_a_name_is_a_path_below_the_archive(name: str, path: str, fault: Reason | None) -> None:
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT):
        (member,) = open_tar(tar({name: b"x"}, form)).members()
        assert (member.name, member.fault) == (path or name, fault)


@pytest.mark.parametrize(
    ("other", "skipped"),
    [
        pytest.param(header("7", type=tarfile.DIRTYPE), [], id="folder"),
        pytest.param(header("7/"), [], id="folder-of-old"),
        pytest.param(header("b.png", type=tarfile.SYMTYPE, linkname="a"), ["link"], id="symbolic"),
        pytest.param(header("b.png", type=tarfile.LNKTYPE, linkname="a"), ["link"], id="hard"),
        pytest.param(header("b.png", 9, type=tarfile.CHRTYPE), ["special file"], id="device"),
        pytest.param(header("b.png", type=tarfile.FIFOTYPE), ["special file"], id="pipe"),
        pytest.param(header("b.png", type=tarfile.GNUTYPE_SPARSE), ["special file"], id="sparse"),
        pytest.param(
            header("b.png", pax_headers={"GNU.sparse.major": "1"}),
            ["special file"],
            id="sparse-pax",
        ),
        pytest.param(header("b.png", type=b"M"), ["special file"], id="of-several-volumes"),
        pytest.param(header("b.png", type=b"7"), [], id="contiguous"),
    ],
)
def test_what_is_no_file_is_skipped(other: tarfile.TarInfo, skipped: list[str]) -> None:
    seen = found(tar({"a.png": b"x"}, tarfile.PAX_FORMAT, other))
    assert seen.skipped == skipped
    assert seen.broke_off is None
    assert set(seen.contents) == {"a.png", *(["b.png"] if other.type == b"7" else [])}


A, B = {"a.png": b"a" * 700}, {"b.png": b"b" * 100}
TWO = tar(A | B, tarfile.USTAR_FORMAT)
SECOND = 3 * BLOCK  # where the header of b.png is
END = SECOND + 2 * BLOCK  # and the end mark


@pytest.mark.parametrize(
    ("length", "contents", "reason"),
    [
        pytest.param(BLOCK + 100, {"a.png": CUT_IN_IT}, CUT, id="in-data"),
        pytest.param(BLOCK + 700, A, NO_END, id="in-padding"),
        pytest.param(SECOND, A, NO_END, id="between-members"),
        pytest.param(SECOND + 100, A, CUT, id="in-a-header"),
        pytest.param(SECOND + BLOCK, A | {"b.png": CUT_IN_IT}, CUT, id="before-data"),
        pytest.param(END, A | B, NO_END, id="before-the-end-mark"),
        pytest.param(END + BLOCK, A | B, None, id="in-the-end-mark"),
    ],
)
@pytest.mark.parametrize("compress", [bytes, gzip.compress, zstd])
def test_of_what_is_cut_short_the_rest_is_found(
    length: int,
    contents: dict[str, bytes | Reason],
    reason: Reason | None,
    compress: Callable[[bytes], bytes],
) -> None:
    assert found(compress(TWO[:length])) == Found(contents, [], reason)


#: more than is decompressed at once
NOISE = tar({"noise.png": random.Random(0).randbytes(300_000)})


def changed(data: bytes, place: int, to: bytes) -> bytes:
    return data[:place] + to + data[place + len(to) :]


def headed(kind: bytes, size: int, data: bytes) -> bytes:
    """An extended header that says it has `size` bytes, and `data` of it, before TWO."""
    return header("extended", size, type=kind).tobuf(tarfile.GNU_FORMAT) + data + TWO


@pytest.mark.parametrize(
    ("data", "contents", "reason"),
    [
        pytest.param(changed(TWO, SECOND + 1, b"?"), A, BAD_HEADER, id="checksum"),
        pytest.param(
            TWO[:SECOND] + header("b.png", 1 << 50).tobuf(tarfile.GNU_FORMAT) + TWO[-1024:],
            A | {"b.png": CUT_IN_IT},
            CUT,
            id="larger-than-the-archive",
        ),
        pytest.param(
            TWO[:SECOND] + header("b.png", 1 << 70).tobuf(tarfile.GNU_FORMAT),
            A,
            BAD_HEADER,
            id="larger-than-any",
        ),
        pytest.param(
            TWO[:SECOND] + header("b.png", -512).tobuf(tarfile.GNU_FORMAT),
            A,
            BAD_HEADER,
            id="below-0",
        ),
        pytest.param(headed(b"L", 1 << 40, b""), {}, LONG_HEADER, id="name-of-a-terabyte"),
        pytest.param(headed(b"x", 1 << 40, b""), {}, LONG_HEADER, id="pax-of-a-terabyte"),
        pytest.param(headed(b"x", 9, b"9" * BLOCK), {}, BAD_HEADER, id="pax-without-a-record"),
        pytest.param(
            headed(b"x", 12, b"12 size=9x9\n".ljust(BLOCK, b"\0")), {}, BAD_HEADER, id="pax-size"
        ),
        pytest.param(
            headed(b"x", 31, b"19 comment=nothing\n12 path=bbb\n".ljust(BLOCK, b"\0")),
            {"bbb": A["a.png"], **B},
            None,
            id="pax-of-two-records",
        ),
        pytest.param(
            headed(b"x", 31, b"19 comment=nothing\n13 path=bbb\n".ljust(BLOCK, b"\0")),
            {},
            BAD_HEADER,
            id="pax-record-longer-than-the-header",
        ),
        pytest.param(
            headed(b"g", 12, b"12 path=aaa\n".ljust(BLOCK, b"\0")), A | B, None, id="pax-for-all"
        ),
    ],
)
def test_what_is_damaged_ends_what_is_found(
    data: bytes, contents: dict[str, bytes | Reason], reason: Reason | None
) -> None:
    assert found(data) == Found(contents, [], reason)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(changed(gzip.compress(TWO), -8, b"0000"), DAMAGED, id="gzip-checksum"),
        pytest.param(gzip.compress(TWO) + b"and more", DAMAGED, id="gzip-and-more"),
        pytest.param(gzip.compress(TWO)[:-3], CUT, id="gzip-cut"),
        pytest.param(zstd(NOISE)[:-3], CUT, id="zstd-cut"),
        pytest.param(zstd(TWO) + b"and more", DAMAGED, id="zstd-and-more"),
    ],
)
def test_compressed_data_are_checked_to_their_end(data: bytes, reason: Reason) -> None:
    seen = found(data)
    assert seen.broke_off == reason


def test_what_follows_the_end_is_said() -> None:
    assert found(TWO + TWO) == Found(A | B, ["archive after the end of an archive"], None)


@pytest.mark.parametrize(
    "data", [pytest.param(b"no archive" * 90, id="text"), pytest.param(b"", id="empty")]
)
def test_what_is_no_tar_is_refused(data: bytes) -> None:
    with pytest.raises(MemberError):
        open_tar(data)


def test_an_archive_that_shrank_since_it_was_listed_gives_an_error() -> None:
    ref = ImageRef("b.png", 100, place=SECOND + BLOCK)
    (content,) = open_tar(TWO[: SECOND + BLOCK + 9]).read_each([ref])
    assert isinstance(content, MemberError)
    assert content.reason == CUT_IN_IT


class Endless(io.RawIOBase):
    """A tar of `count` empty members, none of which is in memory."""

    def __init__(self, count: int) -> None:
        self._headers = [header(f"{n}/a.png").tobuf(tarfile.USTAR_FORMAT) for n in range(10)]
        self._count = count
        self._at = 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset
        return offset

    def read(self, size: int | None = -1) -> bytes:
        number = self._at // BLOCK
        self._at += BLOCK
        if number < self._count:
            return self._headers[number % 10]
        return bytes(BLOCK) if number < self._count + 2 else b""


@pytest.mark.slow
def test_memory_is_flat_however_many_members_there_are() -> None:
    forget_own_peak()
    before = own_peak_mib()
    archive = open_archive("tar", cast(BinaryIO, Endless(1_000_000)), BESIDE)
    assert sum(1 for _ in archive.members()) == 1_000_000
    assert own_peak_mib() - before < 30
