"""A Parquet file's rows are had wherever they are, one garbled page at a time is lost."""

import base64
import gzip
import io
import json
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from pyarrow.parquet.encryption import (
    CryptoFactory,
    EncryptionConfiguration,
    KmsClient,
    KmsConnectionConfig,
)

from batch_predict.records import Code, ImageRef, Reason
from batch_predict.storage.archives import parquet_pages
from batch_predict.storage.archives.archive import Beside, Member, MemberError, NoPicturesError
from batch_predict.storage.archives.kinds import kind_of, open_archive
from batch_predict.storage.archives.parquet_table import ParquetTable
from batch_predict.storage.archives.thrift import i64

FORM = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
FILES = [bytes([row % 251]) * (row % 7) + b"%d" % row for row in range(100)]
PLAIN = {"use_dictionary": False, "compression": "none"}
NO_BYTES = Reason(Code.UNSUPPORTED, "the table holds no bytes for it")


def images(files: list[bytes | None] = FILES, kind: pa.DataType = FORM) -> pa.Array:
    return pa.array([{"bytes": each, "path": "a.png"} for each in files], kind)


def written(columns: dict[str, pa.Array], noted: object = None, **options: object) -> bytes:
    table = pa.table(columns)
    if noted is not None:
        table = table.replace_schema_metadata({"huggingface": json.dumps(noted)})
    file = io.BytesIO()
    parquet.write_table(table, file, **options)
    return file.getvalue()


def features(**kinds: object) -> object:
    return {"info": {"features": kinds}}


def opened(data: bytes) -> ParquetTable:
    archive = open_archive("Parquet", io.BytesIO(data), Beside("a.parquet", lambda name: None))
    assert isinstance(archive, ParquetTable)
    return archive


def contents(archive: ParquetTable, rows: Iterator[int] | range | list[int]) -> list[object]:
    """Bytes, or the reason why there are none."""
    found = archive.read_each([ImageRef(str(row), place=row) for row in rows])
    return [each.reason if isinstance(each, MemberError) else each for each in found]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="as pyarrow does it"),
        pytest.param({"row_group_size": 7}, id="many row groups"),
        pytest.param({"row_group_size": 1}, id="a row group a row"),
        pytest.param({"use_dictionary": False}, id="without a dictionary"),
        pytest.param({"dictionary_pagesize_limit": 64, "write_batch_size": 5}, id="then plain"),
        pytest.param({"data_page_size": 64, "write_batch_size": 3}, id="many pages"),
        pytest.param({"data_page_version": "2.0"}, id="pages of version 2"),
        pytest.param({"data_page_version": "2.0", "compression": "none"}, id="v2, plain"),
        pytest.param({"write_page_checksum": True}, id="checksums"),
        pytest.param({"write_page_index": True}, id="an index"),
        pytest.param(
            {"use_dictionary": False, "column_encoding": "DELTA_LENGTH_BYTE_ARRAY"}, id="delta"
        ),
        *(
            pytest.param({"compression": name, "data_page_size": 512}, id=name)
            for name in ("none", "snappy", "gzip", "brotli", "lz4", "zstd")
        ),
    ],
)
def test_each_row_has_its_bytes(options: dict[str, object]) -> None:
    if "column_encoding" in options:
        options = {**options, "column_encoding": {"image.bytes": options["column_encoding"]}}
    archive = opened(written({"number": pa.array(range(100)), "image": images()}, **options))
    assert contents(archive, range(100)) == FILES
    rows = np.random.default_rng(0).integers(0, 100, 40).tolist()
    assert contents(archive, rows) == [FILES[row] for row in rows]


@pytest.mark.parametrize(
    "column",
    [
        pytest.param(images(kind=pa.struct([("bytes", pa.large_binary())])), id="large"),
        pytest.param(pa.array(FILES, pa.binary()), id="binary"),
        pytest.param(pa.array(FILES, pa.large_binary()), id="large binary"),
        pytest.param(pa.array(FILES, pa.binary()).dictionary_encode(), id="dictionary"),
        pytest.param(
            pa.StructArray.from_arrays(
                [pa.array(FILES)], fields=[pa.field("bytes", pa.binary(), nullable=False)]
            ),
            id="never null",
        ),
    ],
)
def test_types_of_a_column(column: pa.Array) -> None:
    assert contents(opened(written({"image": column})), range(100)) == FILES


@pytest.mark.parametrize("options", [{}, PLAIN, {"row_group_size": 1}])
def test_rows_without_bytes(options: dict[str, object]) -> None:
    column = pa.array([None, {"bytes": None, "path": "b.png"}, {"bytes": b"c"}, None], FORM)
    found = contents(opened(written({"image": column}, **options)), range(4))
    assert found == [NO_BYTES, NO_BYTES, b"c", NO_BYTES]


@pytest.mark.parametrize(
    ("names", "noted", "taken"),
    [
        pytest.param(["a"], None, "a", id="the only one"),
        pytest.param(["a", "b"], None, "a", id="the first"),
        pytest.param(["a", "image"], None, "image", id="by name"),
        pytest.param(["a", "b"], features(a={"_type": "Audio"}), "b", id="no sound"),
        pytest.param(["a"], {"info": 7}, "a", id="odd metadata"),
        pytest.param(["a"], features(a=7), "a", id="odd features"),
    ],
)
def test_which_column_has_the_pictures(names: list[str], noted: object, taken: str) -> None:
    columns = {name: images([name.encode()]) for name in names}
    assert contents(opened(written(columns, noted)), [0]) == [taken.encode()]


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"path": pa.array(["a"]), "label": pa.array([1])}, id="an output of ours"),
        pytest.param({"image": pa.array(["a.png"])}, id="names"),
        pytest.param({"file": pa.array([b"a"])}, id="bytes of something"),
        pytest.param({"image": pa.array([[{"bytes": b"a"}]])}, id="lists"),
        pytest.param({"image": pa.array([{"bytes": 7}])}, id="no bytes"),
    ],
)
def test_a_table_without_pictures_names_its_columns(columns: dict[str, pa.Array]) -> None:
    with pytest.raises(NoPicturesError, match=next(iter(columns))):
        opened(written(columns))


DIGITS = ["zero", *"123456789"]


@pytest.mark.parametrize(
    ("labels", "noted", "truths"),
    [
        pytest.param(pa.array([7, 0, 9], pa.int64()), None, [7, 0, 9], id="numbers"),
        pytest.param(pa.array([7, None, 9], pa.int8()), None, [7, None, 9], id="null"),
        pytest.param(pa.array([7.0, 0.5, 9]), None, [7, None, 9], id="floats"),
        pytest.param(pa.array(["7", "seven", "77"]), None, [7, None, None], id="text"),
        pytest.param(pa.array(["7", "1", "7"]).dictionary_encode(), None, [7, 1, 7], id="dict"),
        pytest.param(pa.array([-1, 10, 3]), None, [None, None, 3], id="other numbers"),
        pytest.param(pa.nulls(3), None, [None] * 3, id="all null"),
        pytest.param(
            pa.array([0, 1, 9]),
            features(label={"_type": "ClassLabel", "names": list("9876543210")}),
            [9, 8, 0],
            id="named classes",
        ),
        pytest.param(
            pa.array([0, 1, 9]),
            features(label={"_type": "ClassLabel", "names": ["cat", "dog", 7]}),
            [None] * 3,
            id="classes that are no digits",
        ),
    ],
)
def test_labels(labels: pa.Array, noted: object, truths: list[int | None]) -> None:
    columns = {"image": images(FILES[:3]), "label": labels}
    for size in (1, 3):
        members = list(opened(written(columns, noted, row_group_size=size)).members())
        assert [member.truth for member in members] == truths
        assert members[0] == Member("000000", 0, truth=truths[0])


@pytest.mark.parametrize("scale", [0, 2])
def test_labels_with_a_decimal_point(scale: int) -> None:
    """As DuckDB writes `7.00`: the number 700, and its type says the rest."""
    labels = pa.array([7, 0, 5], pa.int8()).cast(pa.decimal128(9, scale))
    columns = {"image": images(FILES[:3]), "label": labels}
    members = opened(written(columns, store_decimal_as_integer=True)).members()
    assert [member.truth for member in members] == [7, 0, 5]


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param(pa.array([True, False]), id="bool"),
        pytest.param(pa.array([3, 5], pa.int32()).cast(pa.date32()), id="date"),
        pytest.param(pa.array([3, 5], pa.int64()).cast(pa.timestamp("us")), id="time"),
        pytest.param(pa.array([3, 5]).cast(pa.decimal128(38, 0)), id="decimal"),
        pytest.param(pa.array(np.array([3, 5], np.float16)), id="half a float"),
        pytest.param(pa.array([[3], [5]]), id="list"),
        pytest.param(pa.array([{"a": 3}, {"a": 5}]), id="struct"),
    ],
)
def test_labels_of_a_type_that_is_not_read(
    labels: pa.Array, caplog: pytest.LogCaptureFixture
) -> None:
    members = opened(written({"image": images(FILES[:2]), "label": labels})).members()
    assert [member.truth for member in members] == [None, None]
    kind = str(labels.type).partition("<")[0]  # what is within a list has a name of Parquet's
    assert f"a.parquet: labels of the type {kind}" in caplog.text


@pytest.mark.parametrize("names", [["image", "label"], ["image"]])
def test_a_table_without_odd_labels_says_nothing(
    names: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    columns = {"image": images(FILES[:2]), "label": pa.nulls(2)}
    assert list(opened(written({name: columns[name] for name in names})).members())
    assert not caplog.text


def test_labels_that_are_no_digits_are_counted(caplog: pytest.LogCaptureFixture) -> None:
    columns = {"image": images(FILES[:4]), "label": pa.array([-1, None, 3, 11])}
    assert len(list(opened(written(columns)).members())) == 4
    assert "a.parquet: 2 labels are not 0 to 9" in caplog.text


MANY_PAGES = {**PLAIN, "data_page_size": 64, "write_batch_size": 10, "write_page_checksum": True}


def test_a_garbled_page_costs_its_own_rows() -> None:
    data = written({"image": images()}, **MANY_PAGES)
    at = data.index(FILES[45])
    found = contents(opened(data[:at] + b"\xff" + data[at + 1 :]), range(100))
    lost = [row for row in range(100) if found[row] != FILES[row]]
    assert 45 in lost
    assert len(lost) == 10
    assert {found[row].code for row in lost if isinstance(found[row], Reason)} == {Code.CORRUPT}


def test_where_a_page_can_not_be_found_the_rest_of_its_row_group_is_lost() -> None:
    data = written({"image": images()}, **MANY_PAGES, row_group_size=50)
    at = data.index(FILES[20]) - 30  # in the header of the third page
    broken = data[:at] + b"\xff" * 16 + data[at + 16 :]
    found = contents(opened(broken), range(100))
    assert found[:20] == FILES[:20]
    assert found[50:] == FILES[50:]
    assert all(isinstance(each, Reason) for each in found[20:50])


@pytest.mark.parametrize("claimed", [99, 101])
def test_pages_of_another_number_of_rows_than_the_footer_claims_are_none(claimed: int) -> None:
    """Nobody knows which rows they hold."""
    start = len(WHOLE) - 8 - int.from_bytes(WHOLE[-8:-4], "little")
    footer = WHOLE[start:].replace(i64(1, 100)[2], i64(1, claimed)[2])
    found = contents(opened(WHOLE[:start] + footer), range(claimed))
    assert found == [Reason(Code.CORRUPT, "its page of the table is garbled")] * claimed


def test_labels_on_a_garbled_page_are_none(caplog: pytest.LogCaptureFixture) -> None:
    columns = {"image": images(), "label": pa.array([str(row % 10) for row in range(100)])}
    data = written(columns, **MANY_PAGES)
    at = data.rindex(b"\x01\0\0\x008\x01\0\0\x009\x01\0\0\x000")
    members = list(opened(data[:at] + b"\xff" + data[at + 1 :]).members())
    assert [member.truth for member in members].count(None) == 20  # those of its page
    assert "20 labels" in caplog.text


def test_a_page_that_takes_too_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_pages, "PAGE_MAX", 1 << 20)
    bomb = written({"image": images([b"a", bytes(2 << 20)])}, compression="zstd", row_group_size=1)
    assert len(bomb) < 10_000
    first, second = contents(opened(bomb), [0, 1])
    assert first == b"a"
    assert isinstance(second, Reason)
    assert second.code is Code.TOO_LARGE


def test_one_large_cell_for_many_rows_is_decoded_a_few_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parquet_pages, "_BATCH_BYTES", 1 << 18)
    archive = opened(written({"image": images([bytes(1 << 16)] * 300)}))
    before = pa.total_allocated_bytes()
    assert contents(archive, [299]) == [bytes(1 << 16)]
    assert pa.total_allocated_bytes() - before < 1 << 20


class _NoKeys(KmsClient):  # keys are written as they are
    def __init__(self) -> None:
        super().__init__()

    def wrap_key(self, key: bytes, name: str) -> str:
        return base64.b64encode(key).decode()

    def unwrap_key(self, wrapped: str, name: str) -> bytes:
        return base64.b64decode(wrapped)


def encrypted(columns: list[str], *, footer: bool) -> bytes:
    """A table of which `columns` are encrypted, and the `footer`."""
    settings = EncryptionConfiguration("footer", column_keys={"a": columns})
    settings.plaintext_footer = not footer
    factory = CryptoFactory(lambda _: _NoKeys())
    keys = factory.file_encryption_properties(KmsConnectionConfig(), settings)
    table = {"image": images(), "label": pa.array(row % 10 for row in range(100))}
    return written(table, encryption_properties=keys, row_group_size=40)


WHOLE = written({"image": images()})


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(WHOLE[:-1], Code.TRUNCATED, id="cut"),
        pytest.param(b"PAR1", Code.TRUNCATED, id="a start"),
        pytest.param(b"", Code.TRUNCATED, id="nothing"),
        pytest.param(WHOLE[:-8] + b"\xff\xff\xff\x7fPAR1", Code.TRUNCATED, id="a footer's length"),
        pytest.param(WHOLE[:-8] + b"\x08\0\0\0PAR1", Code.CORRUPT, id="a footer that is none"),
        pytest.param(WHOLE[:-4] + b"PARE", Code.UNSUPPORTED, id="encrypted"),
        pytest.param(encrypted(["label"], footer=True), Code.UNSUPPORTED, id="with its footer"),
        pytest.param(encrypted(["label"], footer=False), Code.UNSUPPORTED, id="labels"),
        pytest.param(encrypted(["image.bytes"], footer=False), Code.UNSUPPORTED, id="pictures"),
        pytest.param(encrypted(["image.path"], footer=False), Code.UNSUPPORTED, id="their paths"),
    ],
)
def test_what_can_not_be_opened(data: bytes, code: Code) -> None:
    with pytest.raises(MemberError) as raised:
        opened(data)
    assert raised.value.reason.code is code


def test_a_footer_that_claims_more_rows_than_there_can_be() -> None:
    claims = WHOLE.replace(i64(1, 100)[2], i64(1, 8_000_000_000)[2])
    length = int.from_bytes(WHOLE[-8:-4], "little") + len(claims) - len(WHOLE)
    with pytest.raises(MemberError):
        opened(claims[:-8] + length.to_bytes(4, "little") + b"PAR1")


def test_mutated_files_end_in_words() -> None:
    rng = np.random.default_rng(0)
    data = written({"image": images(), "label": pa.array(range(100))}, row_group_size=40)
    for _ in range(200):
        mutated = bytearray(data)
        for at in rng.integers(0, len(data), rng.integers(1, 4)):
            mutated[at] = rng.integers(256)
        try:
            archive = opened(bytes(mutated))
        except MemberError:
            continue
        rows = [member.place for member in archive.members()]
        assert len(contents(archive, rows)) == len(rows)


def test_it_is_told_by_its_first_bytes() -> None:
    assert kind_of(io.BytesIO(WHOLE), "x") == "Parquet"


def test_a_table_that_is_compressed_once_more() -> None:
    with pytest.raises(MemberError, match="compressed once more"):
        opened(gzip.compress(WHOLE))
