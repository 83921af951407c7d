"""Rows of a finished table, column by column, as lists of words and arrays of numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.tables.columns import Cell, Column

_EMPTY: Final = type(None)


@dataclass(frozen=True)
class Block:
    """Some rows of a table: its columns by name."""

    texts: Mapping[str, list[str]]  # "" where a cell is empty
    numbers: Mapping[str, NDArray[np.float64]]  # (n,), NaN where a cell is empty

    @classmethod
    def of(cls, columns: Sequence[Column], cells: Mapping[str, Sequence[Cell]]) -> "Block":
        """Those of `columns` that are among `cells`, whose types are those of a file.

        Raises:
            ValueError: a cell is not of its column's type, or too large a number.
        """
        found = [column for column in columns if column.name in cells]
        return cls(
            {c.name: _texts(c.name, cells[c.name]) for c in found if c.is_text},
            {c.name: _numbers(c.name, cells[c.name]) for c in found if not c.is_text},
        )

    @property
    def names(self) -> set[str]:
        """Those of its columns."""
        return self.texts.keys() | self.numbers.keys()


def _texts(name: str, cells: Sequence[Cell]) -> list[str]:
    _check_types(name, cells, "text", {str, _EMPTY})
    return [str(cell or "") for cell in cells]


def _numbers(name: str, cells: Sequence[Cell]) -> NDArray[np.float64]:
    _check_types(name, cells, "a number", {int, float, _EMPTY})
    try:
        return np.array(cells, np.float64)  # None is NaN
    except OverflowError as error:
        raise ValueError(f"{name} is too large a number") from error


def _check_types(name: str, cells: Sequence[Cell], wanted: str, types: set[type]) -> None:
    """Raises ValueError where a cell is of none of `types`: true is no 1, and "1" none either."""
    for strange in set(map(type, cells)) - types:
        found = "true or false" if strange is bool else f"of type {strange.__name__}"
        raise ValueError(f"{name} is {found}, not {wanted}")
