"""A Parquet file with a column of pictures, in the form of Hugging Face's data sets.

There a picture is `{bytes, path}`, and a `label` column beside it holds its class.
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from errno import ENOMEM
from io import UnsupportedOperation
from itertools import repeat
from os import SEEK_END, strerror
from typing import Any, BinaryIO, ClassVar, Final

from batch_predict.errors import MissingExtraError
from batch_predict.records import CLASSES, Code, ImageRef, Reason
from batch_predict.storage.archives.archive import Beside, Member, MemberError, NoPicturesError
from batch_predict.storage.archives.numbers import numbers
from batch_predict.storage.archives.page_file import MAGIC
from batch_predict.storage.archives.thrift import has_struct

try:
    import pyarrow as pa
    from pyarrow import parquet

    from batch_predict.storage.archives.parquet_pages import PagedColumn
except ImportError as error:
    raise MissingExtraError("a Parquet input", "parquet") from error

_LOGGER: Final = logging.getLogger(__name__)
_IMAGE: Final = "image"  # the name of the column where several could be meant
_LABEL: Final = "label"
_BYTES: Final = "bytes"
_TAIL: Final = 8  # bytes: the footer's length, and the format's name
_IS_ENCRYPTED: Final = b"PARE"  # in its place
# The fields of a footer that say how a column is encrypted: of each of its `row_groups`, of each of
# its `columns`, the `crypto_metadata`. Asked for such a column, pyarrow ends the process.
_COLUMN_KEY: Final = (4, 1, 8)
_FOOTER_MAX: Final = 64 << 20  # bytes: of a million row groups and some
_ROWS_ALLOWED: Final = 1_000_000  # and one a byte: a footer that claims more rows has no pictures
_NAMES_SHOWN: Final = 12
_NO_TYPE: Final = pa.null()  # of a column that is not there, or holds nothing
_LABEL_TYPES: Final = (
    *(pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal),
    *(pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view),
    *(pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view),
)
_DIGITS: Final = {str(digit): digit for digit in range(CLASSES)}
_NO_BYTES: Final = Reason(Code.UNSUPPORTED, "the table holds no bytes for it")
_GARBLED: Final = Reason(Code.CORRUPT, "the table's footer is garbled")
_ENCRYPTED: Final = Reason(Code.UNSUPPORTED, "the table is encrypted")


class ParquetTable:
    """See `Archive`."""

    has_names: ClassVar = False

    def __init__(self, file: BinaryIO, beside: Beside) -> None:
        self._name = beside.name
        footer, size = _footer(file)
        try:
            table = parquet.ParquetFile(pa.BufferReader(footer))
            metadata, schema = table.metadata, table.schema_arrow
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise MemberError(_GARBLED) from error
        if not 0 <= metadata.num_rows <= size + _ROWS_ALLOWED:
            words = f"its footer claims {metadata.num_rows} rows in {size} bytes"
            raise MemberError(Reason(Code.CORRUPT, words))
        features = _features(schema)
        column = _image_column(schema, features)
        if column is None:
            names = ", ".join(ascii(name)[1:-1] for name in schema.names[:_NAMES_SHOWN])
            more = " ..." if len(schema.names) > _NAMES_SHOWN else ""
            words = f"no column of pictures: its columns are {names}{more}"
            raise NoPicturesError(Reason(Code.UNSUPPORTED, words))
        try:
            self._images = _paged(file, metadata, column)
        except ValueError as error:
            words = f"its column {ascii(column)[1:-1]} is of a type that is not read"
            raise NoPicturesError(Reason(Code.UNSUPPORTED, words)) from error
        if self._images.rows != metadata.num_rows:
            raise MemberError(_GARBLED)
        self._labels, self._label_type = None, _cell_type(schema, _LABEL)
        if any(is_it(self._label_type) for is_it in _LABEL_TYPES):
            with suppress(ValueError):
                self._labels = _paged(file, metadata, _LABEL)
        self._classes = _classes(features.get(_LABEL), self._label_type)

    def members(self) -> Iterator[Member]:
        """See `Archive`."""
        count = self._images.rows
        truths: Iterator[int | None] = repeat(None)
        if self._labels:
            truths = self._truths()
        elif self._label_type != _NO_TYPE:
            words = "%s: labels of the type %s are not read"
            _LOGGER.warning(words, self._name, self._label_type)
        yield from map(Member, numbers(count), range(count), repeat(None), truths)

    def read_each(self, refs: Sequence[ImageRef]) -> Iterator[bytes | OSError]:
        """See `Archive`."""
        for ref in refs:
            try:
                yield self._content(ref.place or 0)
            except MemoryError as error:
                found = OSError(ENOMEM, strerror(ENOMEM))
                found.__cause__ = error
                yield found
            except OSError as error:
                yield error

    def _content(self, row: int) -> bytes:
        cells = self._images.at(row)
        if cells.values is None:
            raise MemberError(cells.fault or _GARBLED)
        content = cells.values[row - cells.first].as_py()
        if content is None:
            raise MemberError(_NO_BYTES)
        return bytes(content)

    def _truths(self) -> Iterator[int | None]:
        """The label of each row; what is none is counted in a warning."""
        assert self._labels is not None
        row = others = 0
        while row < self._labels.rows:
            cells = self._labels.at(row)
            row += cells.rows
            labels = [None] * cells.rows if cells.values is None else cells.values.to_pylist()
            digits = list(map(self._classes.get, labels))
            unread = cells.rows if cells.values is None else 0
            others += unread + sum(
                digit is None and label is not None
                for digit, label in zip(digits, labels, strict=True)
            )
            if others and row == self._labels.rows:
                _LOGGER.warning("%s: %d labels are not 0 to 9 (not used)", self._name, others)
            yield from digits


def _footer(file: BinaryIO) -> tuple[bytes, int]:
    """A Parquet file that has the footer of `file` alone, and the size of `file`."""
    try:
        size = file.seek(0, SEEK_END)
    except UnsupportedOperation as error:
        words = "a table that is compressed once more"
        raise MemberError(Reason(Code.UNSUPPORTED, words)) from error
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL)
    if tail.endswith(_IS_ENCRYPTED):
        raise MemberError(_ENCRYPTED)
    length = int.from_bytes(tail[:4], "little")
    if not tail.endswith(MAGIC) or length > size - _TAIL:
        raise MemberError(Reason(Code.TRUNCATED, "the table has no footer: it is cut short"))
    if length > _FOOTER_MAX:
        raise MemberError(Reason(Code.TOO_LARGE, f"the table's footer takes {length} bytes"))
    file.seek(size - _TAIL - length)
    footer = file.read(length)
    try:
        if has_struct(footer, _COLUMN_KEY):
            raise MemberError(_ENCRYPTED)
    except (IndexError, ValueError) as error:
        raise MemberError(_GARBLED) from error
    return MAGIC + footer + tail, size


def _features(schema: pa.Schema) -> Mapping[str, Any]:
    """What Hugging Face's library has noted of the columns, by their names."""
    try:
        found = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _image_column(schema: pa.Schema, features: Mapping[str, Any]) -> str | None:
    """The column of pictures: `image`, else the first that may be; None: there is none."""
    found = []
    for field in schema:
        noted = features.get(field.name)
        kind = noted.get("_type") if isinstance(noted, dict) else None
        if _has_bytes(field.type) and kind in ("Image", None):
            found.append(f"{field.name}.{_BYTES}")
        elif field.name == _IMAGE and _is_binary(field.type):
            found.append(_IMAGE)
    preferred = (name for name in found if name in (_IMAGE, f"{_IMAGE}.{_BYTES}"))
    return next(preferred, found[0] if found else None)


def _cell_type(schema: pa.Schema, name: str) -> pa.DataType:
    """Of the column `name`; _NO_TYPE where there is none."""
    if name not in schema.names:
        return _NO_TYPE
    kind = schema.types[schema.names.index(name)]
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _has_bytes(kind: pa.DataType) -> bool:
    if not pa.types.is_struct(kind) or kind.get_field_index(_BYTES) < 0:
        return False
    return _is_binary(kind.field(_BYTES).type)


def _is_binary(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_binary(kind.value_type)
    return any(
        is_it(kind)
        for is_it in (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)
    )


def _paged(file: BinaryIO, metadata: parquet.FileMetaData, path: str) -> PagedColumn:
    """The one column at `path`; raises ValueError where there is none that is read."""
    columns = metadata.num_columns
    (index,) = (at for at in range(columns) if metadata.schema.column(at).path == path)
    return PagedColumn(file, metadata, index)


def _classes(feature: object, kind: pa.DataType) -> Mapping[object, int]:
    """A label of `kind` as it is had -> the digit. Classes with names are what their names say."""
    unit = 10**kind.scale if pa.types.is_decimal(kind) else 1  # such a one is had without its point
    names = feature.get("names") if isinstance(feature, dict) else None
    if isinstance(names, list):
        return {
            at * unit: _DIGITS[name]
            for at, name in enumerate(names)
            if isinstance(name, str) and name in _DIGITS
        }
    return {
        **{digit * unit: digit for digit in range(CLASSES)},  # whole floats are equal to these
        **{text.encode(): digit for text, digit in _DIGITS.items()},
    }
