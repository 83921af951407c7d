"""What stands out -> the one mark that is the digit, its crumbs joined, its neighbours dropped."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.contrast import Contrast
from batch_predict.normalize.outline import outermost
from batch_predict.opencv import cv2

SURE = 6.0  # standard deviations of the ground: a mark has a core above this
LOW = 4.0  # the same: what hangs on to a core belongs to the mark
MIN_SIDE = 0.03  # of the frame's longer side: smaller is a speck
NEAR = 0.08  # of the mark's longer side: pieces nearer than this belong together
ENTIRE = 0.65  # of the frame's longer side: a mark so long, as MNIST's are, lacks no far pieces
RIVAL = 0.5  # of the chosen mark's score: a second mark this strong is another digit
CUT = 0.25  # the score of a mark that the frame cuts, of a whole one's
RING = 0.25  # of a stroke's width: the ring around a mark that is looked at is as wide
LEAST_RING = 3  # working pixels
AS_DARK = 0.6  # of the ink's level: ring pixels within it of the ink belong to the same stroke
CONTACT = 1.8  # stroke widths along the frame: more is a shadow or a table, not a stroke's end
FAT = 0.5  # of its longer side: a mark with strokes so wide is a blob
FRAMED = 0.3  # of its longer side: a mark with one so long in a hole is a frame around it
CONVEX = 0.95  # of its convex hull: what a ring or a box encloses
BLOB = 0.02  # the score of a blob, of a digit's: a binder's hole is darker than pencil


class Demand(NamedTuple):
    """What is asked of a mark."""

    clear: float  # standard deviations of the ground that it reaches on average
    halo: float  # of its own level: what is fainter does not belong to it
    palest: float  # of its darkest ink: down to this, pale parts are made as dark as the rest
    reach: float  # of its longer side: as NEAR, while the mark is not ENTIRE


# Blotches of the grain are no marks, shadows no ink.
PHOTO = Demand(clear=7.5, halo=0.4, palest=1, reach=NEAR)
# A digit on a clean ground, and nothing else: its faintest parts, its furthest pieces.
CUTTING = Demand(clear=0, halo=0.18, palest=0.3, reach=0.3)
# Between the two: paper shows, but a digit is there.
SCRAP = Demand(clear=0, halo=0.4, palest=1, reach=NEAR)
# By a program, on a ground of one level: no grain, and two digits are further apart.
DRAWN = SCRAP._replace(reach=0.12)


class Marks(NamedTuple):
    """Connected components, one entry each."""

    labels: NDArray[np.int32]  # (h, w), 0 is ground
    boxes: NDArray[np.int32]  # (n, 4): left, top, right, bottom
    score: NDArray[np.float64]  # (n,), 0 for what is no mark
    cut: NDArray[np.bool_]  # (n,): the frame cuts it
    fat: NDArray[np.bool_]  # (n,): its strokes are as wide as itself


class Mark(NamedTuple):
    """The chosen mark."""

    mask: NDArray[np.uint8]  # (h, w), 1 where its ink is
    box: tuple[int, int, int, int]  # left, top, right, bottom, working pixels
    is_blob: bool  # as wide as long, and filled
    is_cut: bool  # the frame cuts it
    rivals: int  # other marks as strong
    dropped: tuple[str, ...]

    def ink(self, level: NDArray[np.float32]) -> NDArray[np.float32]:
        """`level` (h, w) float32 where the mark is, 0 around it."""
        return np.where(self.mask > 0, level, 0).astype(np.float32)


class Openness(NamedTuple):
    """How far what surrounds a mark is as dark: a stroke ends, part of a shadow goes on."""

    share: float  # of the surroundings
    widest: float  # stroke widths: of the widest place where the mark goes on


ALL_OPEN = Openness(1.0, np.inf)


def find_mark(contrast: Contrast, demand: Demand) -> Mark | None:
    """The mark in `contrast`, or None where nothing meets `demand`."""
    marks = _marks(contrast.level, contrast.noise, demand)
    return _choose(_unframed(marks), demand.reach) if marks.score.any() else None


def openness(mark: Mark, contrast: Contrast) -> Openness:
    """Where the surroundings of `mark`, a quarter of a stroke's width around it, are as dark."""
    inside = mark.mask > 0
    if inside.all():
        return ALL_OPEN  # nothing surrounds it
    depth = cv2.distanceTransform(mark.mask, cv2.DIST_L2, 3)
    stroke = 4 * float(depth[inside].mean())
    reach = max(LEAST_RING, round(RING * stroke))
    around = np.ones((2 * reach + 1,) * 2, np.uint8)
    ring = cv2.dilate(mark.mask, around) > mark.mask
    ink = cv2.dilate(np.where(inside, contrast.darkness, -np.inf).astype(np.float32), around)
    level = cv2.dilate(mark.ink(contrast.level), around)
    as_dark = ring & (contrast.darkness > ink - (1 - AS_DARK) * level)
    _, _, stats, _ = cv2.connectedComponentsWithStats(as_dark.astype(np.uint8), connectivity=8)
    widest = int(stats[1:, cv2.CC_STAT_AREA].max(initial=0)) / (reach * stroke)
    return Openness(float(as_dark[ring].mean()), widest)


def _mask(level: NDArray[np.float32], noise: float, halo: float) -> NDArray[np.uint8]:
    """1 where `level` is ink: clear of the noise, and of the halo of its own mark."""
    seen = np.maximum(level - LOW * noise, 0)
    count, labels = cv2.connectedComponents((seen > 0).astype(np.uint8), connectivity=8)
    there = np.flatnonzero(seen)
    label, values = labels.ravel()[there], level.ravel()[there]
    own = np.bincount(label, values**3, count) / np.maximum(np.bincount(label, values**2, count), 1)
    mask = np.zeros(level.shape, np.uint8)
    mask.ravel()[there] = values > halo * own[label]
    return mask


def _marks(level: NDArray[np.float32], noise: float, demand: Demand) -> Marks:
    """Hysteresis (Canny 1986): components with a core that is surely no noise."""
    height, width = level.shape
    mask = _mask(level, noise, demand.halo)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    left, top, wide, tall, area = stats.T
    longest = np.maximum(wide, tall)
    there = np.flatnonzero(mask)
    label = labels.ravel()[there]
    mass = np.bincount(label, level.ravel()[there], count)
    core = np.bincount(label, level.ravel()[there] > SURE * noise, count)
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 3).ravel()[there]
    stroke = 4 * np.bincount(label, depth, count) / np.maximum(area, 1)
    frame = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    contact = np.bincount(frame, minlength=count)
    across = (left + wide / 2) / width - 0.5
    down = (top + tall / 2) / height - 0.5
    score = mass * (1 - np.hypot(across, down))
    score = score * np.where(contact > 0, CUT, 1) * np.where(contact > CONTACT * stroke, CUT, 1)
    score *= np.where(stroke > FAT * longest, BLOB, 1)
    score[
        (core == 0) | (mass < demand.clear * noise * area) | (longest < MIN_SIDE * max(level.shape))
    ] = 0
    score[0] = 0
    boxes = np.stack([left, top, left + wide, top + tall], axis=1)
    return Marks(np.asarray(labels, np.int32), boxes, score, contact > 0, stroke > FAT * longest)


def _unframed(marks: Marks) -> Marks:
    """`marks`, the longest of the strong ones none where it is a ring or a box around another."""
    longest = np.ptp(marks.boxes.reshape(-1, 2, 2), axis=1).max(axis=1)
    outer = int(np.where(marks.score > RIVAL * marks.score.max(), longest, 0).argmax())
    left, top, right, bottom = marks.boxes[outer]  # what it encloses lies in its box
    labels = marks.labels[top:bottom, left:right]
    ring = (labels == outer).astype(np.uint8)
    outline = outermost(ring)
    if outline is None or outline.area < CONVEX * cv2.contourArea(cv2.convexHull(outline.points)):
        return marks  # the outline of a hollow digit
    inside = np.bincount(labels[outline.filled > ring], minlength=len(longest))
    within = (inside > 0) & (inside == np.bincount(labels.ravel(), minlength=len(longest)))
    score = marks.score.copy()
    if (within & (score > 0) & (longest > FRAMED * longest[outer])).any():
        score[outer] = 0
    return marks._replace(score=score)


def _choose(marks: Marks, reach: float) -> Mark:
    """The strongest mark, with the pieces near it that the frame does not cut, or cuts as it."""
    best = int(marks.score.argmax())
    left, top, right, bottom = marks.boxes[best]
    longest = max(right - left, bottom - top)
    share = NEAR if longest > ENTIRE * max(marks.labels.shape) else reach
    side = max(1, int(share * longest))
    may_join = ((marks.score > 0) & (~marks.cut | marks.cut[best]))[marks.labels]
    near = cv2.dilate(may_join.astype(np.uint8), np.ones((side, side), np.uint8))
    _, clusters = cv2.connectedComponents(near, connectivity=8)
    mask = (may_join & (clusters == clusters[marks.labels == best][0])).astype(np.uint8)
    others = np.setdiff1d(np.flatnonzero(marks.score), marks.labels[mask > 0])
    x, y, w, h = cv2.boundingRect(mask)
    rivals = int((marks.score[others] > RIVAL * marks.score[best]).sum())
    blob, cut = bool(marks.fat[best]), bool(marks.cut[best])
    dropped = ("neighbour",) if others.size else ()
    return Mark(mask, (x, y, x + w, y + h), blob, cut, rivals, dropped)
