"""The way in: a decoded picture -> what the model will see, or `Blank`."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.contrast import Contrast, Work, at_work, contrast
from batch_predict.normalize.ground import (
    CUTTING_SIDE,
    PENS,
    SCRAP_PENS,
    SHEET_SIDE,
    flat,
    followed,
    is_even,
)
from batch_predict.normalize.lines import without_lines
from batch_predict.normalize.marks import (
    ALL_OPEN,
    CUTTING,
    DRAWN,
    PHOTO,
    SCRAP,
    Demand,
    Mark,
    Openness,
    find_mark,
    openness,
)
from batch_predict.normalize.mnist_form import centred, found_form, is_spoilt_form, place, stretched
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.plain import plain
from batch_predict.normalize.stroke import evened, inked, unstretched
from batch_predict.records import SIDE, Blank, Code, Notes, Picture, Prepared, Reason

WHOLE = 0.3  # stroke widths: a mark with a wider opening is a part of something
DOUBTFUL = 0.1  # of a mark's surroundings as dark as it: a person should look
SHADOW = 0.4  # the same: a shadow or the paper's grain, nothing written
PIECE = 0.3  # of the frame's longer side: a cut mark so short is a piece of something


def normalize(picture: Picture, preprocess: Preprocess, polarity: Polarity) -> Prepared | Blank:
    """`picture.pixels`, (h, w) or (h, w, 3) uint8 -> (28, 28) uint8, with what was decided."""
    pixels = picture.pixels
    if preprocess is Preprocess.PLAIN:
        return Prepared(picture.ref, plain(pixels), picture.reasons)
    is_auto = preprocess is Preprocess.AUTO
    if is_auto and (form := found_form(pixels)) is not None:
        return Prepared(picture.ref, form, picture.reasons, Notes(passthrough=True))
    work = at_work(pixels, polarity)
    look = _look(work)
    if look.mark is None or _is_nothing(look, work):
        return Blank(picture.ref, picture.reasons)
    if is_auto and (spoilt := _spoilt_form(pixels, look.mark, look.contrast, work)) is not None:
        return Prepared(picture.ref, spoilt, picture.reasons, Notes(passthrough=True))
    left, top, right, bottom = (round(side / work.scale) for side in look.mark.box)
    notes = Notes(str(work.polarity), (left, top, right, bottom), look.dropped)
    height, width = work.pixels.shape[:2]
    ink = unstretched(inked(look.contrast, look.mark, look.palest), (height, width))
    return Prepared(picture.ref, place(evened(ink)), picture.reasons + _doubts(look, work), notes)


def _spoilt_form(
    pixels: NDArray[np.uint8], mark: Mark, found: Contrast, work: Work
) -> NDArray[np.uint8] | None:
    """A picture that was in MNIST's form before noise, blur or lines, as it is; None for others.

    The model knows such. Looking for the digit's strokes among them would only lose some.
    """
    if pixels.shape != (SIDE, SIDE) or work.polarity is not Polarity.LIGHT_ON_DARK:
        return None
    ink = mark.ink(found.level)
    if not is_spoilt_form(ink):
        return None
    whole = stretched(pixels)
    return whole if mark.is_cut else centred(whole, ink)  # a line to the frame moves the centre


class _Look(NamedTuple):
    """What one pen would have left in the picture."""

    contrast: Contrast
    mark: Mark | None
    open: Openness
    has_lines: bool
    palest: float  # of the darkest ink: as `Demand` says

    @property
    def dropped(self) -> tuple[str, ...]:
        """What was taken away."""
        neighbours = self.mark.dropped if self.mark else ()
        return neighbours + (("lines",) if self.has_lines else ())


def _look(work: Work) -> _Look:
    """The mark that the narrowest pen made, if it has clear ground around; else the clearest.

    Where a program drew, the ground has one level and a pen may be as wide as it likes.
    """
    if work.longest <= CUTTING_SIDE:
        return _seen(work, flat(work.pixels), CUTTING)
    if is_even(work.pixels):
        drawn = _seen(work, flat(work.pixels), DRAWN)
        if drawn.mark and not drawn.mark.is_cut:
            return drawn
    looks = []
    pens, demand = (PENS, PHOTO) if work.longest > SHEET_SIDE else (SCRAP_PENS, SCRAP)
    for pen in pens:
        looks.append(_seen(work, followed(work.pixels, pen), demand))
        if looks[-1].open.widest < WHOLE:
            break
    return min(looks, key=lambda look: look.open.widest)


def _seen(work: Work, ground: NDArray[np.float32], demand: Demand) -> _Look:
    """The mark that meets `demand` on `ground`."""
    found, lines = contrast(work, ground), 0
    if work.longest > CUTTING_SIDE:
        level, lines = without_lines(found.level, found.noise)
        found = found._replace(level=level)
    mark = find_mark(found, demand)
    opening = ALL_OPEN if mark is None else openness(mark, found)
    return _Look(found, mark, opening, lines > 0, demand.palest)


def _is_nothing(look: _Look, work: Work) -> bool:
    """Whether the best mark of a photo is a shadow, a stain or a hole."""
    blob = look.mark is not None and look.mark.is_blob
    return work.longest > SHEET_SIDE and (blob or look.open.share > SHADOW)


def _doubts(look: _Look, work: Work) -> tuple[Reason, ...]:
    mark = look.mark
    if mark is None or work.longest <= SHEET_SIDE:
        return ()
    doubts = []
    if mark.rivals:
        doubts.append(Reason(Code.SEVERAL_MARKS, f"{mark.rivals + 1} marks of like weight"))
    if look.open.share > DOUBTFUL:
        doubts.append(Reason(Code.NO_CLEAR_MARK, "no stroke with clear ground around it"))
    left, top, right, bottom = mark.box
    if mark.is_cut and max(right - left, bottom - top) < PIECE * max(work.pixels.shape):
        doubts.append(Reason(Code.NO_CLEAR_MARK, "only a mark that the frame cuts"))
    return tuple(doubts)
