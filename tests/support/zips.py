"""Zip archives, as programs make them, and changed by hand."""

import io
import random
import struct
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

BODY = random.Random(1).randbytes(3000) + bytes(3000)


def made(
    *names: str,
    method: int = ZIP_DEFLATED,
    comment: bytes = b"",
    body: bytes = BODY,
    **of_info: int,
) -> bytes:
    """An archive of members of these names, which all hold `body`."""
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        for name in names:
            info = ZipInfo(name)
            for field, value in {"compress_type": method, **of_info}.items():
                setattr(info, field, value)
            archive.writestr(info, body)
        archive.comment = comment
    return file.getvalue()


def zip64(data: bytes) -> bytes:
    """The archive with an end record of zip64, and none of its numbers in the plain one."""
    *_, count, _, size, offset, _ = struct.unpack("<4s4HLLH", data[-22:])
    numbers = (count, count, size, offset)
    more = struct.pack("<4sQHHLL4Q", b"PK\6\6", 44, 45, 45, 0, 0, *numbers)
    more += struct.pack("<4sLQL", b"PK\6\7", 0, offset + size, 1)
    full = struct.pack("<4s4HLLH", b"PK\5\6", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    return data[:-22] + more + full


def at(data: bytes, place: int, new: bytes) -> bytes:
    """`data` with other bytes at `place`, counted from the end where that is negative."""
    place %= len(data)
    return data[:place] + new + data[place + len(new) :]
