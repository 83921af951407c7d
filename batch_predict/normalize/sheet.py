"""A light sheet of paper that lies on something darker, which is none of the picture."""

import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.ground import reduced
from batch_predict.normalize.outline import Outline, outermost
from batch_predict.opencv import cv2

LOOK_SIDE = 256  # pixels, longer side of the picture that is looked at
SMALLEST, LARGEST = 0.05, 0.9  # of the picture: a sheet's area
CORNERS = 6  # a sheet has four, and one or two more where the frame cuts it
STRAIGHT = 0.012  # of its outline's length: so far an edge may be from a straight line
SOLID = 0.95  # of its corners' polygon is sheet
EDGE = 30.0  # grey levels between a sheet's rim and what is beyond, and between it and its ink
ROUND = 0.85  # of the outline has such an edge
RIM = 7  # pixels, the window that is looked at along the edge
MARGIN = 0.03  # of its shorter side: the edge's shadow and curl
INK = 0.5  # of the strongest contrast on the sheet
ROOM = 2.0  # widths of its widest stroke: so wide a place is clear at least


def on_sheet(work: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`work` (h, w, channels) uint8 with all that is beyond a written sheet in the sheet's tone.

    As it is where no sheet lies in the middle, or nothing is written on it.
    """
    small = np.atleast_3d(cv2.medianBlur(reduced(work, LOOK_SIDE), 3))
    sheet = _sheet(small.max(axis=2))
    if sheet is None:
        return work
    tone = np.median(small[sheet > 0], axis=0)
    if not _is_written(sheet, np.abs(small - tone).max(axis=2)):
        return work
    inside = cv2.resize(sheet, work.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
    return np.where(inside[..., None], work, tone.astype(np.uint8))


def _sheet(grey: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """1 within the margin of the largest light thing, where that has a sheet's place and shape."""
    _, light = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    outline = outermost(np.asarray(light, np.uint8))
    if outline is None or not SMALLEST < outline.area / grey.size < LARGEST:
        return None
    whole = outline.filled
    height, width = grey.shape
    if not (whole[height // 2, width // 2] and _is_straight(outline) and _has_edge(grey, whole)):
        return None
    side = 2 * max(1, round(MARGIN * min(cv2.minAreaRect(outline.points)[1]))) + 1
    return np.asarray(cv2.erode(whole, np.ones((side, side), np.uint8)), np.uint8)


def _is_straight(outline: Outline) -> bool:
    """Whether a few straight edges make the outline: no bold digit is so."""
    far = STRAIGHT * cv2.arcLength(outline.points, closed=True)
    corners = cv2.approxPolyDP(cv2.convexHull(outline.points), far, closed=True)
    return len(corners) <= CORNERS and outline.area > SOLID * cv2.contourArea(corners)


def _has_edge(grey: NDArray[np.uint8], whole: NDArray[np.uint8]) -> bool:
    """Whether nearly all along its outline the sheet is lighter than what is beyond."""
    window = (RIM, RIM)
    share = cv2.blur(whole.astype(np.float32), window)
    outline = (whole > cv2.erode(whole, np.ones((3, 3), np.uint8))) & (share < 1)
    if not outline.any():
        return False
    level = cv2.blur(grey.astype(np.float32), window)[outline]
    within = cv2.blur((grey * whole).astype(np.float32), window)[outline]
    share = share[outline]
    step = within / share - (level - within) / (1 - share)
    return bool((step > EDGE).mean() > ROUND)


def _is_written(sheet: NDArray[np.uint8], off: NDArray[np.float64]) -> bool:
    """Whether there are strokes on `sheet`, `off` its tone, and room around them."""
    ink = off > max(EDGE, INK * float(np.percentile(off[sheet > 0], 99.5)))
    stroke = cv2.distanceTransform(sheet * ink, cv2.DIST_L2, 3).max()
    room = cv2.distanceTransform(sheet * ~ink, cv2.DIST_L2, 3).max()
    return bool(0 < ROOM * stroke < room)
