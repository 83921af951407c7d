"""Zip archives, as programs make them and as nobody should."""

import io
import os
import struct
import zlib
from pathlib import Path
from zipfile import (
    ZIP_BZIP2,
    ZIP_LZMA,
    ZIP_STORED,
    BadZipFile,
    ZipFile,
)

import pytest

from batch_predict.records import Code, ImageRef
from batch_predict.storage.archives import zip_archive, zip_directory
from batch_predict.storage.archives.archive import Member, MemberError, Skipped
from batch_predict.storage.archives.zip_archive import ZipArchive
from tests.support.peak import forget_own_peak, own_peak_mib
from tests.support.zips import BODY, at, made, zip64


def opened(data: bytes) -> ZipArchive:
    return ZipArchive(io.BytesIO(data), lambda name: None)


def refs(archive: ZipArchive) -> list[ImageRef]:
    return [
        ImageRef(each.name, each.size, place=each.place, fault=each.fault)
        for each in archive.members()
        if isinstance(each, Member)
    ]


def names(data: bytes) -> list[str]:
    return [ref.path for ref in refs(opened(data))]


def outcome(content: bytes | OSError) -> object:
    return content.reason.code if isinstance(content, MemberError) else content


def contents(data: bytes) -> list[object]:
    archive = opened(data)
    return list(map(outcome, archive.read_each(refs(archive))))


TWO = made("a.png", "b.png")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(TWO, id="plain"),
        pytest.param(b"MZ" * 5000 + TWO, id="after other bytes"),
        pytest.param(made("a.png", "b.png", comment=b"PK\5\6" * 9), id="with a comment"),
        pytest.param(TWO + b"\r\n", id="before other bytes"),
        pytest.param(zip64(TWO), id="zip64"),
        pytest.param(b"MZ" * 5000 + zip64(TWO), id="zip64 after other bytes"),
        pytest.param(TWO[:-22] + bytes(9) + TWO[-22:], id="bytes after the directory"),
        pytest.param(made("a.png", "b.png", method=ZIP_STORED), id="stored"),
        pytest.param(at(TWO, -10, b"\xff\xff\xff\x7f"), id="a directory of another size"),
    ],
)
def test_an_archive_is_read(data: bytes) -> None:
    assert names(data) == ["a.png", "b.png"]
    assert contents(data) == [BODY, BODY]


def without_flag(data: bytes) -> bytes:
    """The archive, its names not marked as UTF-8."""
    return data.replace(b"\x14\0\0\x08", b"\x14\0\0\0")


def renamed(data: bytes, old: bytes, new: bytes) -> bytes:
    assert len(old) == len(new)
    return data.replace(old, new)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        pytest.param(made("é☃.png"), "é☃.png", id="UTF-8"),
        pytest.param(without_flag(made("é☃.png", create_system=3)), "é☃.png", id="of macOS"),
        pytest.param(
            renamed(made("XXX.png", create_system=0), b"XXX", b"a\x82b"), "aéb.png", id="of DOS"
        ),
        pytest.param(
            renamed(made("XXX.png", create_system=3), b"XXX", b"a\xffb"), "a\udcffb.png", id="bytes"
        ),
        pytest.param(made("7\\a.png", create_system=0), "7/a.png", id="of Windows"),
        pytest.param(made("7\\a.png", create_system=3), "7\\a.png", id="of Unix"),
        pytest.param(
            made(
                "a.png",
                extra=struct.pack("<HHBL", 0x7075, 5 + 6, 1, zlib.crc32(b"a.png"))  # type: ignore[arg-type]
                + "é.png".encode(),
            ),
            "é.png",
            id="an extra field",
        ),
        pytest.param(
            made(
                "a.png",
                extra=struct.pack("<HH3s", 0x9999, 3, b"abc")  # type: ignore[arg-type]
                + struct.pack("<HHBL", 0x7075, 5 + 6, 1, zlib.crc32(b"a.png"))
                + "é.png".encode()
                + struct.pack("<HH3s", 0x9999, 3, b"abc"),
            ),
            "é.png",
            id="an extra field among others",
        ),
        pytest.param(renamed(made("aXb.png"), b"aXb", b"a\0b"), "a", id="ends at a NUL"),
    ],
)
def test_names_are_as_they_were(data: bytes, name: str) -> None:
    assert names(data) == [name]
    assert contents(data) == [BODY]


def test_what_is_no_file_is_no_member() -> None:
    found = [
        made("folder/", "7/"),
        made("link.png", external_attr=0o120777 << 16),
        made("pipe.png", external_attr=0o010644 << 16),
        made("folder", external_attr=0o040755 << 16),
    ]
    assert [list(opened(each).members()) for each in found] == [
        [],
        [Skipped("link")],
        [Skipped("special file")],
        [],
    ]


FIRST = TWO.index(b"PK\1\2")  # the record of a.png
DATA = 30 + len("a.png")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(at(TWO, FIRST + 8, b"\1"), Code.UNSUPPORTED, id="encrypted"),
        *(
            pytest.param(
                at(TWO, FIRST + 10, bytes((method,))), Code.UNSUPPORTED, id=f"method {method}"
            )
            for method in (ZIP_BZIP2, ZIP_LZMA, 99)
        ),
        pytest.param(at(TWO, FIRST + 6, b"\x99"), Code.UNSUPPORTED, id="of a later version"),
        pytest.param(
            at(TWO, FIRST + 8, b"\0\x08").replace(b"a.p", b"\xff.p"), Code.CORRUPT, id="name"
        ),
    ],
)
def test_what_the_listing_knows_is_a_fault_of_that_member(data: bytes, code: Code) -> None:
    first, second = refs(opened(data))
    assert first.fault is not None
    assert first.fault.code == code
    assert second.fault is None
    assert contents(data)[1] == BODY
    assert isinstance(contents(data)[0], Code)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(at(TWO, DATA + 9, b"\xff\xff\xff"), id="deflated"),
        pytest.param(at(TWO, FIRST + 16, b"\0\0"), id="checksum"),
        pytest.param(at(TWO, FIRST + 24, b"\xff\xff"), id="says too much"),
        pytest.param(at(TWO, FIRST + 24, b"\1\0"), id="says too little"),
        pytest.param(at(TWO, 0, b"XX"), id="no header"),
        pytest.param(at(TWO, 30, b"c"), id="another name"),
        pytest.param(at(TWO, FIRST + 42, b"\xff\xff\xff\xff"), id="elsewhere"),
    ],
)
def test_a_damaged_member_spoils_no_other(data: bytes) -> None:
    assert contents(data) == [Code.CORRUPT, BODY]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(TWO[:-30], Code.TRUNCATED, id="cut short"),
        pytest.param(TWO[:-1], Code.TRUNCATED, id="cut by a byte"),
        pytest.param(made("in.zip", method=ZIP_STORED, body=TWO)[:-90], Code.TRUNCATED, id="in it"),
        pytest.param(
            made("in.zip", method=ZIP_STORED, body=TWO)[:-70], Code.TRUNCATED, id="behind it"
        ),
        pytest.param(b"PK\3\4", Code.TRUNCATED, id="no more than a beginning"),
        pytest.param(at(TWO, -18, b"\1"), Code.UNSUPPORTED, id="a part"),
        pytest.param(at(zip64(TWO), -26, b"\2"), Code.UNSUPPORTED, id="one of two parts"),
        pytest.param(at(TWO, FIRST, b"XX"), Code.CORRUPT, id="no directory"),
    ],
)
def test_what_can_not_be_opened_says_why(data: bytes, code: Code) -> None:
    with pytest.raises(MemberError) as raised:
        opened(data)
    assert raised.value.reason.code == code


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(at(TWO, FIRST + 46 + len("a.png"), b"XX"), id="a record of other bytes"),
        pytest.param(at(at(TWO, -14, b"\1"), -12, b"\1"), id="fewer records than are there"),
        pytest.param(at(TWO, -12, b"\3"), id="more records than are there"),
    ],
)
def test_a_damaged_directory_gives_what_can_be_listed(data: bytes) -> None:
    listed = []
    with pytest.raises(MemberError):
        listed += opened(data).members()
    assert listed


def test_where_no_record_is_any_more_there_is_an_error_and_the_others_are_read() -> None:
    archive = opened(TWO)
    first, second = refs(archive)
    found = archive.read_each([first._replace(place=3), second])
    assert list(map(outcome, found)) == [Code.CORRUPT, BODY]


def test_what_is_read_together_is_what_is_read_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a newer `zipfile` does with members that lie in each other."""

    class Strict(ZipFile):
        def open(self, *args, **keywords):
            if len(self.infolist()) > 1:
                raise BadZipFile("Overlapped entries")
            return super().open(*args, **keywords)

    monkeypatch.setattr(zip_archive, "ZipFile", Strict)
    assert contents(TWO) == [BODY, BODY]


def test_more_members_than_the_old_form_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """And more than are listed, and read, at a time."""
    data = made(*(f"{number}.png" for number in range(700)), method=ZIP_STORED, body=b"x")
    data = at(data, -12, struct.pack("<H", 200))
    monkeypatch.setattr(zip_directory, "_COUNTED", 500)
    monkeypatch.setattr(zip_directory, "_BLOCK", 1000)
    assert names(data) == [f"{number}.png" for number in range(700)]
    assert contents(data) == [b"x"] * 700


def test_an_error_of_the_disk_is_none_of_the_archive(tmp_path: Path) -> None:
    class Bad(io.BytesIO):
        bad = False

        def read(self, size: int | None = -1) -> bytes:
            if self.bad and self.tell() < FIRST:
                raise OSError(5, "no disk")
            return super().read(size)

    file = Bad(TWO)
    archive = ZipArchive(file, lambda name: None)
    found = refs(archive)
    file.bad = True
    assert [each.errno for each in archive.read_each(found) if isinstance(each, OSError)] == [5, 5]


@pytest.mark.slow
def test_a_bomb_takes_no_more_than_it_says() -> None:
    """A quarter of a gigabyte that says to be a byte."""
    data = made("a.png", body=bytes(1 << 28))
    place = data.index(b"PK\1\2") + 24
    archive = opened(at(data, place, b"\1\0\0\0"))
    forget_own_peak()
    before = own_peak_mib()
    assert list(map(outcome, archive.read_each(refs(archive)))) == [Code.CORRUPT]
    assert own_peak_mib() - before < 100


def many(path: Path, count: int) -> None:
    """An archive of `count` members, all of them the same bytes."""
    head = made("0000000.png", method=ZIP_STORED, body=b"x")
    start = head.index(b"PK\1\2")
    record = head[start:-22]
    with open(path, "wb") as file:
        file.write(head[:start])
        for number in range(count):
            file.write(record.replace(b"0000000", b"%07d" % number))
        size = file.tell() - start
        end = struct.pack("<4sQHHLL4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, start)
        end += struct.pack("<4sLQL", b"PK\6\7", 0, start + size, 1)
        file.write(
            end + struct.pack("<4s4HLLH", b"PK\5\6", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
        )


@pytest.mark.slow
def test_many_members_swell_nothing(tmp_path: Path) -> None:
    many(tmp_path / "many.zip", 200_000)
    with open(tmp_path / "many.zip", "rb") as file:
        archive = ZipArchive(file, lambda name: None)
        forget_own_peak()
        before = own_peak_mib()
        assert sum(1 for _ in archive.members()) == 200_000
        assert own_peak_mib() - before < 20
    os.unlink(tmp_path / "many.zip")
