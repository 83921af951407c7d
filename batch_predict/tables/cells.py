"""Rows -> their cells, a column at a time, and cells -> a row, by the table of columns."""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter, itemgetter
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from batch_predict.records import ImageRef, Row, Status, join_reasons, parse_reasons
from batch_predict.rows import STATUSES, Rows
from batch_predict.tables.columns import Cell, Column, ColumnType

#: how a number is had from its text, for a form of output whose cells are all text
Parsers: TypeAlias = Mapping[ColumnType, Callable[[str], Cell]]

_STATUSES: Final = {str(status): status for status in Status}  # faster than Status(...)
_NAMES: Final = tuple(map(str, STATUSES))
#: where a cell is not what the row's field holds: how it becomes that
_FROM_CELL: Final[Mapping[ColumnType, Callable[[Any], object]]] = {
    ColumnType.REASONS: parse_reasons,
    ColumnType.STATUS: lambda cell: _STATUSES.get(cell) or Status(cell),
}
_OF_REF: Final = "ref."  # before the name of a field of `ImageRef`
_NO_PARSERS: Final[Parsers] = MappingProxyType({})


def cells_of(rows: Rows, column: Column) -> list[Cell]:
    """The cell of each of `rows` in `column`."""
    if column.field.startswith(_OF_REF):
        return list(map(attrgetter(column.field.removeprefix(_OF_REF)), rows.refs))
    if column.type is ColumnType.REASONS:
        return list(map(join_reasons, rows.reasons))
    if column.type is ColumnType.STATUS:
        return [_NAMES[code] for code in rows.answers[column.field].tolist()]
    return rows.values(column.field, column.index)


def row_maker(
    columns: Sequence[Column], parsers: Parsers = _NO_PARSERS
) -> Callable[[Sequence[Cell]], Row]:
    """A function: a row's cells, in the order of `columns` -> the row.

    The columns of a tuple are all there, in its order. A field without a column has its default.
    The function raises ValueError where a cell does not hold what it should.

    Raises:
        ValueError: a field that has no default has no column.
    """
    of_ref = _values_of(ImageRef, _OF_REF, columns, parsers)
    of_row = _values_of(Row, "", columns, parsers)

    def make(cells: Sequence[Cell]) -> Row:
        ref = ImageRef(*[value_of(cells) for value_of in of_ref])
        return Row(ref, *[value_of(cells) for value_of in of_row])

    return make


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
