"""What a person may say of a picture in an audit."""

from typing import Final

from batch_predict.records import CLASSES

NO_DIGIT: Final = CLASSES  # there is none
CANT_TELL: Final = CLASSES + 1  # the person does not know, or no longer
#: an answer's word in a file, at its number
ANSWERS: Final = (*map(str, range(CLASSES)), "none", "cant_tell")
