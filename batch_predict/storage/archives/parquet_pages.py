"""One column of a Parquet file, page by page.

pyarrow reads a row group from its start, and takes for true what the footer says of sizes. Here
the pages are found by their own headers, and each is given to pyarrow as a file of its own. So any
row can be had without those before it, a garbled page costs no rows but its own, and no more than a
page is in memory, however large a row group is. See parquet.apache.org/docs/file-format.
"""

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, NamedTuple

import pyarrow as pa
from pyarrow import parquet

from batch_predict.records import Code, Reason
from batch_predict.storage.archives.page_file import Form, file_of_page
from batch_predict.storage.archives.thrift import read_struct

# Bytes of a page, and of its row group's dictionary; with all that pyarrow makes of it, four times
# as much is in memory.
PAGE_MAX: Final = 128 << 20
_BATCH_BYTES: Final = 32 << 20  # of the cells that are decoded at a time, about
_BATCH_ROWS: Final = 1024
_HEADER_SIZES: Final = (1 << 12, 1 << 16)  # bytes: one or the other has a whole header of a page
_CORRUPT: Final = Reason(Code.CORRUPT, "its page of the table is garbled")
_UNSUPPORTED: Final = Reason(Code.UNSUPPORTED, "the table is compressed in a way that is not read")

_TYPES: Final = {"INT32": 1, "INT64": 2, "FLOAT": 4, "DOUBLE": 5, "BYTE_ARRAY": 6}
_CODECS: Final = {
    **{"UNCOMPRESSED": 0, "SNAPPY": 1, "GZIP": 2, "LZO": 3, "BROTLI": 4, "ZSTD": 6, "LZ4": 7},
    "UNKNOWN": 5,  # LZ4 in Hadoop's frames, for which pyarrow has no name
}
_HEADERS: Final = {0: 5, 3: 8}  # a data page's type -> the field of its own header
_DICTIONARY: Final = 2  # the type of a page
_DICTIONARY_ENCODINGS: Final = (2, 8)


class Cells(NamedTuple):
    """Neighbouring rows of the column."""

    first: int  # row of the file
    rows: int
    values: pa.Array | None  # (rows,); None: they can't be read
    fault: Reason | None = None  # why

    def holds(self, row: int) -> bool:
        """Whether `row` is one of them."""
        return self.first <= row < self.first + self.rows


_NONE: Final = Cells(0, 0, None)


class PagedColumn:
    """The column `index` of `file`, which `metadata` describes; it must not be within a list.

    Raises:
        ValueError: it is of a type that is not read.
    """

    def __init__(self, file: BinaryIO, metadata: parquet.FileMetaData, index: int) -> None:
        self._file, self._metadata, self._index = file, metadata, index
        column = metadata.schema.column(index)
        self._type = _TYPES.get(column.physical_type)
        self._levels = column.max_definition_level
        if self._type is None or column.max_repetition_level:
            raise ValueError(f"a column of {column.physical_type}")
        self._firsts = [0]  # rows: of each row group, and the end
        for group in range(metadata.num_row_groups):
            self._firsts.append(self._firsts[-1] + max(0, metadata.row_group(group).num_rows))
        self._group, self._pages = -1, _Pages(file, 0, 0, 0)
        self._codec = 0
        self._rest: Iterator[Cells] = iter(())
        self._cells, self._end = _NONE, 0

    @property
    def rows(self) -> int:
        """Of the whole file."""
        return self._firsts[-1]

    def at(self, row: int) -> Cells:
        """Those that hold `row`; it takes least time where they come after the last ones.

        Raises:
            MemoryError, OSError: they can't be read now.
        """
        if self._cells.holds(row):
            return self._cells
        if not self._cells.first <= row < self._end:
            self._rest = self._from_page_of(row)
        try:
            while not self._cells.holds(row):
                self._cells = next(self._rest)
        except (MemoryError, OSError):
            self._cells, self._end = _NONE, 0
            raise
        return self._cells

    def _from_page_of(self, row: int) -> Iterator[Cells]:
        """Those of the page that holds `row`."""
        group = bisect_right(self._firsts, row) - 1
        first, end = self._firsts[group : group + 2]
        if group != self._group:
            chunk = self._metadata.row_group(group).column(self._index)
            start = chunk.data_page_offset
            if chunk.has_dictionary_page:
                start = min(start, chunk.dictionary_page_offset)
            self._group = -1
            self._pages = _Pages(
                self._file, start, start + chunk.total_compressed_size, end - first
            )
            self._codec = _CODECS.get(chunk.compression, -1)
            self._group = group
        place, page = self._pages.of(row - first)
        self._end = end if page is None else first + place + page.rows
        return self._decoded(page, first + place, self._end)

    def _decoded(self, page: "_Page | None", first: int, end: int) -> Iterator[Cells]:
        fault = _CORRUPT
        if page is not None:
            dictionary = self._pages.dictionary if page.has_dictionary else None
            unpacked = page.unpacked + (dictionary.unpacked if dictionary else 0)
            most = max(unpacked, page.size + (dictionary.size if dictionary else 0))
            if most > PAGE_MAX:
                fault = Reason(Code.TOO_LARGE, f"its page of the table takes {most} bytes")
            else:
                each = dictionary.unpacked if dictionary else page.unpacked // page.rows
                at_a_time = max(1, min(_BATCH_ROWS, _BATCH_BYTES // max(1, each)))
                whole = self._as_file(page, dictionary)
                try:
                    found = parquet.ParquetFile(whole, page_checksum_verification=True)
                    for batch in found.iter_batches(at_a_time, use_threads=False):
                        values = batch.column(0)
                        if pa.types.is_struct(values.type):
                            (values,) = values.flatten()
                        yield Cells(first, len(values), values)
                        first += len(values)
                except MemoryError:
                    raise
                except pa.ArrowNotImplementedError:
                    fault = _UNSUPPORTED
                except (pa.ArrowException, OSError):
                    pass
        if first < end:
            yield Cells(first, end - first, None, fault)

    def _as_file(self, page: "_Page", dictionary: "_Page | None") -> pa.BufferReader:
        """A Parquet file of one `page`."""
        form = Form(self._type or 0, self._levels, self._codec)
        before = self._pages.read(dictionary) if dictionary else b""
        return pa.BufferReader(file_of_page(self._pages.read(page), page.rows, before, form))


class _Page(NamedTuple):
    rows: int
    start: int  # byte of the file
    size: int  # bytes, with its header
    unpacked: int  # bytes
    has_dictionary: bool  # whether its cells are numbers of those in the dictionary


class _Pages:
    """The data pages of `rows` rows from byte `start` to `stop` of `file`.

    Where there is no next page before all rows are had, those that there are count. Pages of
    another number of rows are none: nobody knows which rows they hold.
    """

    def __init__(self, file: BinaryIO, start: int, stop: int, rows: int) -> None:
        self.dictionary: _Page | None = None
        self._file = file
        self._pages: list[_Page] = []
        self._firsts = [0]  # rows: of each page, and the end
        try:
            while start < stop:
                start = self._add(start)
        except ValueError:
            stop = -1
        held = self._firsts[-1]
        if held > rows or (held < rows and stop >= 0):
            self._pages, self._firsts = [], [0]

    def of(self, row: int) -> tuple[int, _Page | None]:
        """The page of `row`, and its first one; None where there is none from there on."""
        at = bisect_right(self._firsts, row) - 1
        return self._firsts[at], self._pages[at] if at < len(self._pages) else None

    def read(self, page: _Page) -> bytes:
        """Its bytes, as far as there are any."""
        self._file.seek(page.start)
        return self._file.read(page.size)

    def _add(self, start: int) -> int:
        """Add the page at `start`; returns where the next one is.

        Raises:
            ValueError: there is none.
        """
        header, length = self._header(start)
        kind, unpacked, body = (header.get(field) for field in (1, 2, 3))
        if not (isinstance(unpacked, int) and isinstance(body, int)) or min(unpacked, body) < 0:
            raise ValueError("no page")
        size = length + body
        if kind == _DICTIONARY:
            self.dictionary = _Page(0, start, size, unpacked, has_dictionary=False)
        elif kind in _HEADERS:
            own = header.get(_HEADERS[kind])
            rows = own.get(1) if isinstance(own, dict) else None
            if not isinstance(own, dict) or not isinstance(rows, int) or rows < 0:
                raise ValueError("no data page")
            if rows:
                encoding = own.get(2 if kind == 0 else 4)
                is_coded = encoding in _DICTIONARY_ENCODINGS
                self._pages.append(_Page(rows, start, size, unpacked, is_coded))
                self._firsts.append(self._firsts[-1] + rows)
        return start + size

    def _header(self, start: int) -> tuple[dict[int, Any], int]:
        for size in _HEADER_SIZES:
            self._file.seek(start)
            data = self._file.read(size)
            try:
                return read_struct(data)
            except IndexError:
                if len(data) < size:
                    break
        raise ValueError("no whole header")
