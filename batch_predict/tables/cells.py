"""A row -> its cells in some columns, and back: made of the table of columns, once for all rows."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from batch_predict.records import ImageRef, Row, Status, join_reasons, parse_reasons
from batch_predict.tables.columns import Cell, Column, ColumnType

#: how a number is had from its text, for a form of output whose cells are all text
Parsers: TypeAlias = Mapping[ColumnType, Callable[[str], Cell]]

_STATUSES: Final = {str(status): status for status in Status}  # faster than Status(...)
#: where a cell is not what the row's field holds: how the one becomes the other, and back
_TO_CELL: Final[Mapping[ColumnType, Callable[[Any], Cell]]] = {
    ColumnType.REASONS: join_reasons,
    ColumnType.STATUS: {status: str(status) for status in Status}.__getitem__,
}
_FROM_CELL: Final[Mapping[ColumnType, Callable[[Any], object]]] = {
    ColumnType.REASONS: parse_reasons,
    ColumnType.STATUS: lambda cell: _STATUSES.get(cell) or Status(cell),
}
_NO_PARSERS: Final[Parsers] = MappingProxyType({})


def cells_maker(columns: Sequence[Column]) -> Callable[[Row], list[Cell]]:
    """A function: a row -> its cells, in the order of `columns`."""
    # Field by field and not column by column: a row's probabilities are ten columns.
    fields = groupby(columns, lambda c: (c.field, c.name if c.index is None else None))
    parts = [_cells_of(list(neighbours)) for _, neighbours in fields]

    def make(row: Row) -> list[Cell]:
        cells: list[Cell] = []
        for value_of, when_none in parts:
            if when_none is None:
                cells.append(value_of(row))
            else:
                cells += value_of(row) or when_none
        return cells

    return make


def row_maker(
    columns: Sequence[Column], parsers: Parsers = _NO_PARSERS
) -> Callable[[Sequence[Cell]], Row]:
    """A function: a row's cells, in the order of `columns` -> the row.

    The columns of a tuple are all there, in its order. A field without a column has its default.
    The function raises ValueError where a cell does not hold what it should.

    Raises:
        ValueError: a field that has no default has no column.
    """
    of_ref = _values_of(ImageRef, "ref.", columns, parsers)
    of_row = _values_of(Row, "", columns, parsers)

    def make(cells: Sequence[Cell]) -> Row:
        ref = ImageRef(*[value_of(cells) for value_of in of_ref])
        return Row(ref, *[value_of(cells) for value_of in of_row])

    return make


def _cells_of(columns: Sequence[Column]) -> tuple[Callable[[Row], Any], tuple[None, ...] | None]:
    """What gives the cell of one column of a row, and None.

    Or what gives the cells of several columns, a tuple's elements, and those where it is None.
    """
    value_of: Callable[[Row], Any] = attrgetter(columns[0].field)
    if columns[0].index is None:
        to_cell = _TO_CELL.get(columns[0].type)
        return (lambda row: to_cell(value_of(row))) if to_cell else value_of, None
    pick = _pick([column.index or 0 for column in columns])
    return lambda row: (whole := value_of(row)) and pick(whole), (None,) * len(columns)


def _values_of(
    record: type[ImageRef] | type[Row], prefix: str, columns: Sequence[Column], parsers: Parsers
) -> list[Callable[[Sequence[Cell]], Any]]:
    """For each field of `record`, but a row's ref: what gives its value, of the cells of a row."""
    values_of = []
    for field in record._fields:
        places = [n for n, column in enumerate(columns) if column.field == f"{prefix}{field}"]
        if places:
            values_of.append(_value_of(columns[places[0]], places, parsers))
        elif field in record._field_defaults:
            values_of.append(_constant(record._field_defaults[field]))
        elif field != "ref":
            raise ValueError(f"columns not found: {field}")
    return values_of


def _value_of(
    column: Column, places: Sequence[int], parsers: Parsers
) -> Callable[[Sequence[Cell]], Any]:
    """What gives the value of `column`'s field, of the cells at `places` in a row."""
    first = places[0]
    from_text: Callable[[Any], Cell] | None = parsers.get(column.type)
    if column.index is not None:
        pick = _pick(places)
        if from_text:
            return lambda c: tuple(map(from_text, pick(c))) if c[first] else None
        return lambda c: None if c[first] is None else pick(c)
    if from_text:
        return lambda c: from_text(c[first]) if c[first] else None
    from_cell = _FROM_CELL.get(column.type)
    return (lambda c: from_cell(c[first])) if from_cell else itemgetter(first)


def _pick(places: Sequence[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    if len(places) == 1:  # itemgetter would give the element alone
        return lambda cells: (cells[places[0]],)
    return itemgetter(*places)


def _constant(value: object) -> Callable[[Sequence[Cell]], object]:
    return lambda cells: value
