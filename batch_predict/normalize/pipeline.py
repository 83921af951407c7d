"""The way in: a decoded picture -> what the model will see, or `Blank`."""

from batch_predict.normalize.contrast import Contrast, Work, at_work, contrast
from batch_predict.normalize.ground import CUTTING_SIDE, pens_of
from batch_predict.normalize.lines import without_lines
from batch_predict.normalize.marks import OPEN, Mark, find_mark, openness
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
    work = at_work(pixels, polarity)
    found, mark = _look(work)
    if mark is None:
        return Blank(picture.ref, picture.reasons)
    left, top, right, bottom = (round(side / work.scale) for side in mark.box)
    notes = Notes(str(work.polarity), (left, top, right, bottom), mark.dropped)
    return Prepared(picture.ref, place(inked(found, mark)), picture.reasons + _doubts(mark), notes)


def _look(work: Work) -> tuple[Contrast, Mark | None]:
    """The mark that the narrowest pen made, if it has clear ground around; else the clearest."""
    looks = []
    for pen in pens_of(work.longest):
        found = contrast(work, pen)
        if work.longest > CUTTING_SIDE:
            found = found._replace(level=without_lines(found.level, found.noise)[0])
        mark = find_mark(found)
        unclear = 1.0 if mark is None else openness(mark, found)
        if unclear < OPEN:
            return found, mark
        looks.append((unclear, found, mark))
    _, found, mark = min(looks, key=lambda look: look[0])
    return found, mark


def _doubts(mark: Mark) -> tuple[Reason, ...]:
    if mark.rivals:
        return (Reason(Code.SEVERAL_MARKS, f"{mark.rivals + 1} marks of like weight"),)
    return ()
