"""What is wrong with archives of several kinds."""

from typing import Final

from batch_predict.records import Code, Reason

CUT_SHORT: Final = Reason(Code.TRUNCATED, "the archive is cut short")
