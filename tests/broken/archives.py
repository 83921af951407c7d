"""Archives that mean no good, or hardly any: a table of names, bytes and what becomes of them."""

import gzip
import io
import random
import struct
import tarfile
import zlib
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple
from zipfile import ZIP_BZIP2, ZIP_LZMA, ZIP_STORED, ZipFile

import pyarrow as pa
import pyarrow.parquet as pq

from batch_predict.records import Code
from tests.support.containers import PICTURES, as_idx, zipped
from tests.support.zips import at, made, zip64

PICTURE: Final = PICTURES["1.pgm"]
ITSELF: Final = ""  # for the path of the archive's own row


class Hostile(NamedTuple):
    """One archive; the path of each row -> why it failed, or None.

    Where its own is the only one, and that is not since it breaks off, it can't be opened: as
    `in_dir` it is exit 3, as one without a picture is.
    """

    name: str
    make: Callable[[], bytes]
    rows: Mapping[str, Code | None]
    breaks_off: bool = False  # it is opened, and has no picture before it breaks off


def pictures(*names: str, **of_info: int) -> bytes:
    return made(*names, body=PICTURE, **of_info)


TWO: Final = pictures("a.pgm", "b.pgm")
RECORD: Final = TWO.index(b"PK\1\2")
SECOND: Final = RECORD + 46 + len("a.pgm")
DATA: Final = 30 + len("a.pgm")
BAD_FIRST: Final = {"a.pgm": Code.CORRUPT, "b.pgm": None}
UNREAD_FIRST: Final = {"a.pgm": Code.UNSUPPORTED, "b.pgm": None}
BOTH: Final = {"a.pgm": None, "b.pgm": None}
NOT_OPENED: Final = {ITSELF: Code.TRUNCATED}


def changed(place: int, new: bytes) -> Callable[[], bytes]:
    return lambda: at(TWO, place, new)


def cut(data: bytes, end: int) -> Callable[[], bytes]:
    return lambda: data[:end]


def of_zeros(size: int, *, says: int) -> bytes:
    """A member of zeros, that `says` to be of another size, and a picture."""
    made = io.BytesIO()
    with ZipFile(made, "w", compresslevel=1, compression=8) as archive:
        with archive.open("a.pgm", "w") as member:
            for _ in range(size >> 20):
                member.write(bytes(1 << 20))
        archive.writestr("b.pgm", PICTURE)
    data = made.getvalue()
    return at(data, data.index(b"PK\1\2") + 24, struct.pack("<L", says))


def big64(size: int) -> bytes:
    """The first member says to be of `size` bytes, in its field of zip64."""
    data = pictures("a.pgm", "b.pgm", extra=struct.pack("<HHQ", 1, 8, size))
    return at(data, data.index(b"PK\1\2") + 24, b"\xff\xff\xff\xff")


def named(name: bytes, system: int = 3) -> Callable[[], bytes]:
    """A picture of this name, as bytes."""
    data = pictures("N" * len(name), create_system=system)
    return lambda: data.replace(b"N" * len(name), name)


def marked(flags: bytes) -> Callable[[], bytes]:
    return changed(RECORD + 8, flags)


def within(levels: int) -> bytes:
    """A picture in archives in each other, and one beside them."""
    data = pictures("a.pgm")
    for _ in range(levels):
        data = zipped({"inner.zip": data, "b.pgm": PICTURE})
    return data


ZIPS: Final = [
    Hostile("encrypted.zip", marked(b"\1"), UNREAD_FIRST),
    Hostile("strongly.zip", marked(b"\x41"), UNREAD_FIRST),
    Hostile("masked.zip", marked(b"\0\x20"), UNREAD_FIRST),
    Hostile("patched.zip", marked(b"\x20"), UNREAD_FIRST),
    *(
        Hostile(f"method{method}.zip", changed(RECORD + 10, bytes((method,))), UNREAD_FIRST)
        for method in (1, 9, ZIP_BZIP2, ZIP_LZMA, 99)
    ),
    Hostile("later.zip", changed(RECORD + 6, b"\xff"), UNREAD_FIRST),
    Hostile("nested.zip", lambda: within(1), {"b.pgm": None}),
    Hostile("deep.zip", lambda: within(50), {"b.pgm": None}),
    *(Hostile(f"cut{end}.zip", cut(TWO, end), NOT_OPENED) for end in (4, 100, RECORD, -22, -1)),
    Hostile("cut-nested.zip", cut(made("in.zip", method=ZIP_STORED, body=TWO), -90), NOT_OPENED),
    Hostile("nothing.zip", bytes, NOT_OPENED),
    Hostile("zeros.zip", lambda: bytes(1 << 20), NOT_OPENED),
    Hostile("noise.zip", lambda: random.Random(1).randbytes(1 << 16), NOT_OPENED),
    Hostile("picture.zip", lambda: PICTURE, NOT_OPENED),
    Hostile("empty.zip", pictures, {}),
    Hostile("folders.zip", lambda: pictures("7/", "8/9/"), {}),
    Hostile("says-less.zip", changed(RECORD + 24, b"\1\0"), BAD_FIRST),
    Hostile("says-more.zip", changed(RECORD + 24, struct.pack("<L", 70 << 20)), BAD_FIRST),
    Hostile(
        "says-far-more.zip",
        changed(RECORD + 24, struct.pack("<L", 2**32 - 2)),
        {"a.pgm": Code.TOO_LARGE, "b.pgm": None},
    ),
    Hostile("says-2-63.zip", lambda: big64(1 << 63), {"a.pgm": Code.TOO_LARGE, "b.pgm": None}),
    Hostile(
        "bomb.zip",
        lambda: of_zeros(380 << 20, says=380 << 20),
        {"a.pgm": Code.NOT_AN_IMAGE, "b.pgm": None},
    ),
    Hostile("lying-bomb.zip", lambda: of_zeros(380 << 20, says=797), BAD_FIRST),
    Hostile("packed-less.zip", changed(RECORD + 20, b"\1\0"), BAD_FIRST),
    Hostile("packed-more.zip", changed(RECORD + 20, b"\xff\xff\xff\x7f"), BOTH),
    Hostile("up.zip", named(b"../up.pgm"), {"(..)/up.pgm": Code.UNSUPPORTED}),
    Hostile(
        "far-up.zip", named(b"7/../../../up.pgm"), {"7/(..)/(..)/(..)/up.pgm": Code.UNSUPPORTED}
    ),
    Hostile("root.zip", named(b"/tmp/root.pgm"), {"(root)/tmp/root.pgm": Code.UNSUPPORTED}),
    Hostile("drive.zip", named(b"C:\\a.pgm", 0), {"(C:)/a.pgm": Code.UNSUPPORTED}),
    Hostile("windows-up.zip", named(b"..\\a.pgm", 0), {"(..)/a.pgm": Code.UNSUPPORTED}),
    Hostile("server.zip", named(b"\\\\host\\a.pgm", 0), {"(root)/host/a.pgm": Code.UNSUPPORTED}),
    Hostile("no-way-up.zip", named(b"a\\..\\b.pgm"), {"a\\x5c..\\x5cb.pgm": None}),
    Hostile("nul.zip", named(b"a.pgm\0.txt"), {"a.pgm": None}),
    Hostile("lines.zip", named(b"a\n\r\tb.pgm"), {"a\n\r\tb.pgm": None}),
    Hostile("formula.zip", named(b"=cmd|' /C calc'!A0.pgm"), {"./=cmd|' /C calc'!A0.pgm": None}),
    Hostile("bytes.zip", named(b"a\xff.pgm"), {"a\\xff.pgm": None}),
    Hostile("long.zip", lambda: pictures("n" * 60_000 + ".pgm"), {"n" * 60_000 + ".pgm": None}),
    Hostile(
        "many-parts.zip", lambda: pictures("d/" * 30_000 + "a.pgm"), {"d/" * 30_000 + "a.pgm": None}
    ),
    Hostile("nameless.zip", named(b"\0\0\0\0"), {}),
    Hostile(
        "bad-name.zip",
        lambda: at(TWO, RECORD + 8, b"\0\x08").replace(b"a.p", b"\xff.p"),
        {"\\xff.pgm": Code.CORRUPT, "b.pgm": None},
    ),
    Hostile("twice.zip", lambda: TWO.replace(b"b.pgm", b"a.pgm"), {"a.pgm": Code.UNSUPPORTED}),
    Hostile(
        "same-bytes.zip", changed(SECOND + 42, bytes(4)), {"a.pgm": None, "b.pgm": Code.CORRUPT}
    ),
    Hostile(
        "fewer.zip", lambda: at(at(TWO, -14, b"\1"), -12, b"\1"), BOTH | {ITSELF: Code.CORRUPT}
    ),
    Hostile("more.zip", changed(-12, b"\3"), BOTH | {ITSELF: Code.CORRUPT}),
    Hostile(
        "no-records.zip",
        lambda: at(b"PK\5\6".ljust(22, b"\0"), -12, b"\xff\xff"),
        {ITSELF: Code.CORRUPT},
    ),
    Hostile("no-directory.zip", changed(RECORD, b"XX"), {ITSELF: Code.CORRUPT}),
    Hostile("half-directory.zip", changed(SECOND, b"XX"), {"a.pgm": None, ITSELF: Code.CORRUPT}),
    Hostile("elsewhere.zip", changed(RECORD + 42, b"\xff\xff\xff\x7f"), BAD_FIRST),
    Hostile(
        "directory-far-away.zip",
        changed(-6, b"\xff\xff\xff\x7f"),
        dict.fromkeys(BOTH, Code.CORRUPT),
    ),
    Hostile("part.zip", changed(-18, b"\1"), {ITSELF: Code.UNSUPPORTED}),
    Hostile("lost64.zip", lambda: at(zip64(TWO), -98, b"XX"), {ITSELF: Code.CORRUPT}),
    Hostile("comment.zip", changed(-2, b"\xff\xff"), BOTH),
    Hostile("header.zip", changed(0, b"PK\3\5"), BAD_FIRST),
    Hostile("another-name.zip", changed(30, b"c"), BAD_FIRST),
    Hostile("checksum.zip", changed(RECORD + 16, b"\0\0\0\0"), BAD_FIRST),
    Hostile("garbled.zip", changed(DATA + 3, b"\xff" * 9), BAD_FIRST),
    Hostile(
        "extra.zip",
        lambda: pictures("a.pgm", extra=struct.pack("<HH", 1, 65535)),  # type: ignore[arg-type]
        {"a.pgm": Code.CORRUPT},
    ),
    Hostile("link.zip", lambda: pictures("a.pgm", external_attr=0o120777 << 16), {}),
    Hostile("device.zip", lambda: pictures("a.pgm", external_attr=0o020666 << 16), {}),
]

IDX: Final = as_idx(dict(list(PICTURES.items())[:3]))
OF_IDX: Final[Mapping[str, Code | None]] = {f"{number:06d}": None for number in range(3)}


def claims(*sizes: int) -> bytes:
    return at(IDX, 4, struct.pack(">3I", *sizes))


def packed(data: bytes) -> bytes:
    """`data`, and after it a gigabyte of zeros."""
    packer = zlib.compressobj(1, wbits=31)
    parts = [packer.compress(data), *(packer.compress(bytes(1 << 20)) for _ in range(1 << 10))]
    return b"".join([*parts, packer.flush()])


IDXS: Final = [
    Hostile(f"{name}-idx3-ubyte", make, rows, breaks_off)
    for name, make, rows, breaks_off in (
        ("nothing", bytes, {ITSELF: Code.TRUNCATED}, False),
        ("half-header", cut(IDX, 9), {ITSELF: Code.TRUNCATED}, False),
        ("header-alone", cut(IDX, 16), {ITSELF: Code.TRUNCATED}, True),
        ("cut", cut(IDX, -1), {"000000": None, "000001": None, ITSELF: Code.TRUNCATED}, False),
        ("labels", lambda: at(IDX, 3, b"\1"), {ITSELF: Code.UNSUPPORTED}, False),
        ("floats", lambda: at(IDX, 2, b"\x0d"), {ITSELF: Code.UNSUPPORTED}, False),
        (
            "many",
            lambda: claims(2**32 - 1, 28, 28),
            {f"{n:010d}": None for n in range(3)} | {ITSELF: Code.TRUNCATED},
            False,
        ),
        ("no-size", lambda: claims(2**32 - 1, 0, 0), {ITSELF: Code.UNSUPPORTED}, False),
        ("huge-size", lambda: claims(3, 2**32 - 1, 2**32 - 1), {ITSELF: Code.TRUNCATED}, True),
        ("none", lambda: claims(0, 28, 28), {}, False),
        ("more", lambda: IDX + bytes(999), OF_IDX, False),
        ("noise", lambda: random.Random(2).randbytes(999), {ITSELF: Code.UNSUPPORTED}, False),
    )
] + [
    Hostile(
        "cut-idx3-ubyte.gz",
        lambda: gzip.compress(IDX)[:-300],
        {"000000": None, "000001": None, ITSELF: Code.TRUNCATED},
    ),
    Hostile(
        "checksum-idx3-ubyte.gz",
        lambda: gzip.compress(IDX)[:-8] + bytes(8),
        OF_IDX | {ITSELF: Code.CORRUPT},
    ),
    Hostile("start-idx3-ubyte.gz", lambda: gzip.compress(IDX)[:9], {ITSELF: Code.TRUNCATED}),
    Hostile("bomb-idx3-ubyte.gz", lambda: packed(IDX), OF_IDX),
]


def member(name: str, size: int = len(PICTURE), **fields: object) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size = size
    for field, value in fields.items():
        setattr(made, field, value)
    return made


def tar(*members: tarfile.TarInfo, end: bytes = bytes(1024)) -> bytes:
    """An archive of `members`, each with a picture as its data, however long it says to be."""
    parts = (each.tobuf(tarfile.GNU_FORMAT) + PICTURE.ljust(1024, b"\0") for each in members)
    return b"".join([*parts, end])


def pax(record: bytes, kind: bytes = tarfile.XHDTYPE, size: int | None = None) -> bytes:
    """An extended header of one record, that may say to be longer."""
    header = member("pax", len(record) if size is None else size, type=kind)
    return header.tobuf(tarfile.GNU_FORMAT) + record.ljust(512, b"\0")


A, B = member("a.pgm"), member("b.pgm")
ONE_TAR: Final = tar(A, B)
SECOND_HEADER: Final = 512 + 1024
TAR_LOST: Final = {"a.pgm": None, ITSELF: Code.CORRUPT}
NO_TAR: Final = {ITSELF: Code.CORRUPT}


def after_one(*others: bytes) -> Callable[[], bytes]:
    """A picture, and what follows it."""
    return lambda: b"".join([tar(A, end=b""), *others, tar(B)])


TARS: Final = [
    Hostile("nothing.tar", bytes, NOT_OPENED),
    Hostile("noise.tar", lambda: random.Random(3).randbytes(9999), NO_TAR),
    Hostile("zeros.tar", lambda: bytes(1 << 20), {}),
    Hostile("empty.tar", tar, {}),
    Hostile("header.tar", lambda: ONE_TAR[:300], NOT_OPENED),
    Hostile("cut.tar", lambda: ONE_TAR[:700], {"a.pgm": Code.TRUNCATED, ITSELF: Code.TRUNCATED}),
    Hostile("cut-later.tar", lambda: ONE_TAR[: SECOND_HEADER + 99], {"a.pgm": None} | NOT_OPENED),
    Hostile("no-end.tar", lambda: tar(A, B, end=b""), BOTH | NOT_OPENED),
    Hostile("checksum.tar", lambda: at(ONE_TAR, SECOND_HEADER, b"c"), TAR_LOST),
    Hostile("first-checksum.tar", lambda: at(ONE_TAR, 0, b"c"), NO_TAR),
    Hostile(
        "says-more.tar",
        lambda: tar(A, member("b.pgm", 1 << 40)),
        {"a.pgm": None, "b.pgm": Code.TRUNCATED, ITSELF: Code.TRUNCATED},
    ),
    Hostile("says-2-80.tar", lambda: tar(A, member("b.pgm", 1 << 80)), TAR_LOST),
    Hostile("below-zero.tar", lambda: tar(A, member("b.pgm", -5000)), TAR_LOST),
    Hostile("up.tar", lambda: tar(member("../../a.pgm")), {"(..)/(..)/a.pgm": Code.UNSUPPORTED}),
    Hostile("root.tar", lambda: tar(member("/tmp/a.pgm")), {"(root)/tmp/a.pgm": Code.UNSUPPORTED}),
    Hostile("twice.tar", lambda: tar(A, A), {"a.pgm": Code.UNSUPPORTED}),
    Hostile(
        "nested.tar", lambda: tar(A, member("inner.tar"), member("inner.zip")), {"a.pgm": None}
    ),
    Hostile(
        "loop.tar",
        lambda: (
            tar(
                member("a.pgm", 0, type=tarfile.SYMTYPE, linkname="b.pgm"),
                member("b.pgm", 0, type=tarfile.SYMTYPE, linkname="a.pgm"),
                end=b"",
            ).replace(PICTURE.ljust(1024, b"\0"), b"")
            + bytes(1024)
        ),
        {},
    ),
    Hostile(
        "device.tar",
        lambda: member("a.pgm", 0, type=tarfile.BLKTYPE).tobuf() + tar(B),
        {"b.pgm": None},
    ),
    Hostile(
        "sparse.tar",
        lambda: tar(member("a.pgm", type=tarfile.GNUTYPE_SPARSE), B),
        {"b.pgm": None},
    ),
    Hostile(
        "long-pax.tar", after_one(pax(b"", size=1 << 40)), {"a.pgm": None, ITSELF: Code.UNSUPPORTED}
    ),
    Hostile("bad-pax.tar", after_one(pax(b"99999 path=x\n")), TAR_LOST),
    Hostile("endless-pax.tar", after_one(pax(b"0 path=x\n")), TAR_LOST),
    Hostile("size-of-pax.tar", after_one(pax(b"29 size=99999999999999999999\n")), TAR_LOST),
    Hostile(
        "up-by-pax.tar",
        after_one(pax(b"18 path=../up.pgm\n")),
        {"a.pgm": None, "(..)/up.pgm": Code.UNSUPPORTED},
    ),
    Hostile(
        "long-name.tar",
        after_one(pax(b"", tarfile.GNUTYPE_LONGNAME, 1 << 40)),
        {"a.pgm": None, ITSELF: Code.UNSUPPORTED},
    ),
    Hostile("joined.tar", lambda: ONE_TAR + tar(member("c.pgm")), BOTH),
    Hostile(
        "cut.tar.gz",
        lambda: gzip.compress(ONE_TAR)[:-300],
        {"a.pgm": Code.TRUNCATED} | NOT_OPENED,
    ),
    Hostile("checksum.tar.gz", lambda: gzip.compress(ONE_TAR)[:-8] + bytes(8), BOTH | NO_TAR),
    Hostile("start.tar.gz", lambda: gzip.compress(ONE_TAR)[:9], NOT_OPENED),
    Hostile("picture.tar.gz", lambda: gzip.compress(PICTURE), {ITSELF: Code.CORRUPT}),
    Hostile("twice.tar.gz", lambda: gzip.compress(gzip.compress(ONE_TAR)), {ITSELF: Code.CORRUPT}),
    Hostile("bomb.tar.gz", lambda: packed(ONE_TAR[:-1024]), BOTH),
]


def table(images: list[object], **columns: object) -> bytes:
    """A Parquet file with a column `image`."""
    made = io.BytesIO()
    pq.write_table(pa.table({"image": images, **columns}), made)
    return made.getvalue()


def of_numbers() -> bytes:
    made = io.BytesIO()
    pq.write_table(pa.table({"number": [1, 2, 3]}), made)
    return made.getvalue()


def images(*contents: bytes | None) -> bytes:
    return table([{"bytes": content, "path": "../../a.pgm"} for content in contents])


THREE: Final = images(*[PICTURE] * 3)
FOOTER: Final = -8 - struct.unpack("<L", THREE[-8:-4])[0]
NO_TABLE: Final = {ITSELF: Code.CORRUPT}
PARQUETS: Final = [
    Hostile(f"{name}.parquet", make, rows)
    for name, make, rows in (
        ("nothing", bytes, NOT_OPENED),
        ("cut", cut(THREE, -9), NOT_OPENED),
        ("start", cut(THREE, 4), NOT_OPENED),
        ("noise", lambda: random.Random(4).randbytes(9999), NOT_OPENED),
        ("footer", lambda: at(THREE, FOOTER, b"\xff" * 20), NO_TABLE),
        ("footer-size", lambda: at(THREE, -8, b"\xff\xff\xff\x7f"), NOT_OPENED),
        ("other-columns", of_numbers, {}),
        ("paths", lambda: THREE, OF_IDX),
        ("null", lambda: images(PICTURE, None, PICTURE), OF_IDX | {"000001": Code.UNSUPPORTED}),
        ("empty", lambda: images(PICTURE, b"", PICTURE), OF_IDX | {"000001": Code.NOT_AN_IMAGE}),
    )
]

HOSTILE: Final = [*ZIPS, *IDXS, *TARS, *PARQUETS]
