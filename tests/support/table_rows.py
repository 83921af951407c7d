"""Rows with what is hard for a table: quotes, line breaks, formulas, empty cells."""

from batch_predict.records import Code, ImageRef, Reason, Row, Status
from batch_predict.tables.columns import Column, ColumnType, columns_named

TEN = (0.1,) * 10
ROWS = [
    Row(ImageRef("./=1+1.png", truth=3), 3, 0.1, Status.OK, (), TEN, 0.25),
    Row(
        ImageRef('a, "b".png'),
        7,
        1.0,
        Status.OK,
        (Reason(Code.SEVERAL_FRAMES, "first of 3"),),
        TEN,
        0.0,
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
        0.987654,
    ),
    Row(ImageRef("return\rhere.png", truth=1), 0, 0.5, Status.OK, (), TEN, 0.25),
    Row(ImageRef("é☃\\x5c\\xff.png", truth=9), 9, 0.123456, Status.OK, (), TEN, 0.25),
]

#: what the tests of the forms write, whatever columns the program has besides
TABLE = columns_named(
    [
        "path",
        "label",
        "confidence",
        "status",
        "reason",
        "truth",
        *(f"p{n}" for n in range(10)),
        "no_digit",
    ]
)
#: two columns more, before others, and rows that have them
MORE_COLUMNS = (
    TABLE[0],
    Column("share", ColumnType.PROBABILITY, "ink"),
    Column("size", ColumnType.BYTES, "ref.size"),
    *TABLE[1:],
)
MORE_ROWS = [
    row._replace(ref=row.ref._replace(size=1 << (40 + n)), ink=n / 10) for n, row in enumerate(ROWS)
]
