"""The way in: a decoded picture -> what the model will see, or `Blank`."""

from batch_predict.normalize.contrast import contrast
from batch_predict.normalize.ground import CUTTING_SIDE
from batch_predict.normalize.lines import without_lines
from batch_predict.normalize.marks import Mark, find_mark
from batch_predict.normalize.mnist_form import is_mnist_form, place
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.plain import plain
from batch_predict.normalize.stroke import inked
from batch_predict.records import Blank, Code, Notes, Picture, Prepared, Reason


def normalize(picture: Picture, preprocess: Preprocess, polarity: Polarity) -> Prepared | Blank:
    """`picture.pixels`, (h, w) or (h, w, 3) uint8 -> (28, 28) uint8, with what was decided."""
    pixels = picture.pixels
    if preprocess is Preprocess.PLAIN:
        return Prepared(picture.ref, plain(pixels), picture.reasons)
    if preprocess is Preprocess.AUTO and is_mnist_form(pixels):
        return Prepared(picture.ref, pixels, picture.reasons, Notes(passthrough=True))
    found = contrast(pixels, polarity)
    lines = 0
    if max(pixels.shape[:2]) > CUTTING_SIDE:
        level, lines = without_lines(found.level, found.noise)
        found = found._replace(level=level)
    mark = find_mark(found)
    if mark is None:
        return Blank(picture.ref, picture.reasons)
    box = tuple(round(side / found.scale) for side in mark.box)
    notes = Notes(str(found.polarity), (box[0], box[1], box[2], box[3]), mark.dropped + ("lines",) * (lines > 0))
    return Prepared(picture.ref, place(inked(found, mark)), picture.reasons + _doubts(mark), notes)


def _doubts(mark: Mark) -> tuple[Reason, ...]:
    if mark.rivals:
        return (Reason(Code.SEVERAL_MARKS, f"{mark.rivals + 1} marks of like weight"),)
    return ()
