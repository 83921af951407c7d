"""Rows with what is hard for a table: quotes, line breaks, formulas, empty cells."""

from batch_predict.records import Code, ImageRef, Reason, Row, Status
from batch_predict.tables.columns import COLUMNS, Column, ColumnType

TEN = (0.1,) * 10
ROWS = [
    Row(ImageRef("./=1+1.png", truth=3), 3, 0.1, Status.OK, (), TEN),
    Row(
        ImageRef('a, "b".png'), 7, 1.0, Status.OK, (Reason(Code.SEVERAL_FRAMES, "first of 3"),), TEN
    ),
    Row(
        ImageRef("bad.png", truth=0),
        None,
        None,
        Status.FAILED,
        (Reason(Code.CORRUPT, "bad checksum"),),
    ),
    Row(ImageRef("blank.png", truth=1), None, None, Status.BLANK),
    Row(
        ImageRef("line\nfeed.png", truth=1),
        0,
        0.5,
        Status.REVIEW,
        (Reason(Code.LOW_CONFIDENCE, "x"),),
        TEN,
    ),
    Row(ImageRef("return\rhere.png", truth=1), 0, 0.5, Status.OK, (), TEN),
    Row(ImageRef("é☃\\x5c\\xff.png", truth=9), 9, 0.123456, Status.OK, (), TEN),
]

#: a column more, before others, and rows that have it
MORE_COLUMNS = (COLUMNS[0], Column("ink", ColumnType.PROBABILITY, "ink"), *COLUMNS[1:])
MORE_ROWS = [row._replace(ink=n / 10) for n, row in enumerate(ROWS)]
