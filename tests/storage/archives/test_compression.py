"""What is compressed is decompressed forward, and from its start as seldom as can be."""

import gzip
import io
import random

import pytest

from batch_predict.records import Code
from batch_predict.storage.archives import compression
from batch_predict.storage.archives.archive import MemberError
from batch_predict.storage.archives.compression import uncompressed

CONTENT = random.Random(0).randbytes(1 << 20)
PART = 1 << 12  # bytes


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was decompressed from its start, once for each time."""
    begun: list[object] = []
    stream = compression._Stream

    def counted(*arguments: object) -> object:
        begun.append(arguments)
        return stream(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(compression, "_Stream", counted)
    return begun


def test_those_that_come_after_their_turn_begin_once(begun: list[object]) -> None:
    """As large pictures do, which wait while others are prepared."""
    file = uncompressed(io.BytesIO(gzip.compress(CONTENT)))
    for place in range(16 * PART, len(CONTENT), PART):
        for each in (place, place - 16 * PART):
            file.seek(each)
            assert file.read(PART) == CONTENT[each : each + PART]
    assert len(begun) == 2


def test_going_back_begins_again(begun: list[object]) -> None:
    file = uncompressed(io.BytesIO(gzip.compress(CONTENT)))
    for place in (9, 6, 3):
        file.seek(place * PART)
        assert file.read(PART) == CONTENT[place * PART : (place + 1) * PART]
    assert len(begun) == 3


def test_all_that_is_left_is_read_where_no_size_is_given() -> None:
    file = uncompressed(io.BytesIO(gzip.compress(CONTENT)))
    file.seek(PART)
    assert file.read() == CONTENT[PART:]
    assert file.read(None) == b""


def test_the_end_of_what_is_compressed_is_not_known() -> None:
    with pytest.raises(io.UnsupportedOperation, match="no known end"):
        uncompressed(io.BytesIO(gzip.compress(CONTENT))).seek(0, io.SEEK_END)


def test_a_window_that_takes_too_much_memory_is_no_damage() -> None:
    """As `zstd --long=30` writes it from a pipe."""
    wide = bytes.fromhex("28b52ffd04a0") + b"\1\0\0"  # the frame's header, and an empty block
    with pytest.raises(MemberError) as raised:
        uncompressed(io.BytesIO(wide)).read(1)
    assert raised.value.reason.code is Code.UNSUPPORTED
    assert "zstd --long" in raised.value.reason.words


def test_what_is_not_compressed_is_itself() -> None:
    file = io.BytesIO(CONTENT)
    assert uncompressed(file) is file
