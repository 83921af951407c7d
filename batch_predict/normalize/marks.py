"""What stands out -> the one mark that is the digit, its crumbs joined, its neighbours dropped."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.contrast import Contrast

SURE = 6.0  # standard deviations of the ground: a mark has a core above this
INK = 0.5  # of the darkest ink: a mark has a core above this
LOW = 0.5  # of the core's threshold: what hangs on to a core belongs to the mark
MIN_SIDE = 0.03  # of the frame's longer side: smaller is a speck
REACH = 0.08  # of the mark's longer side: pieces nearer than this belong together
RIVAL = 0.5  # of the chosen mark's score: a second mark this strong is another digit
CUT = 0.25  # the score of a mark that the frame cuts, of a whole one's
CONTACT = 1.8  # stroke widths along the frame: more is a shadow or a table, not a stroke's end
FAT = 0.5  # of its longer side: a mark with strokes so wide is a blob


class Marks(NamedTuple):
    """Connected components, one entry each."""

    labels: NDArray[np.int32]  # (h, w), 0 is ground
    boxes: NDArray[np.int32]  # (n, 4): left, top, right, bottom
    score: NDArray[np.float64]  # (n,), 0 for what is no mark
    cut: NDArray[np.bool_]  # (n,): the frame cuts it


class Mark(NamedTuple):
    """The chosen mark."""

    mask: NDArray[np.uint8]  # (h, w), 1 where its ink is
    box: tuple[int, int, int, int]  # left, top, right, bottom, working pixels
    rivals: int  # other marks as strong
    dropped: tuple[str, ...]


def find_mark(contrast: Contrast) -> Mark | None:
    """The mark in `contrast`, or None where nothing is written."""
    high = _threshold(contrast.level, contrast.noise)
    marks = _marks(contrast.level, high)
    return _choose(marks) if marks.score.any() else None


def _threshold(level: NDArray[np.float32], noise: float) -> float:
    """Half of what the darkest ink reaches, and never within the noise."""
    sure = level[level > SURE * noise]
    return max(SURE * noise, INK * float(np.percentile(sure, 95))) if sure.size else np.inf


def _marks(level: NDArray[np.float32], high: float) -> Marks:
    """Hysteresis (Canny 1986): components above the low threshold with a core above the high one."""
    height, width = level.shape
    mask = (level > LOW * high).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    left, top, wide, tall, area = stats.T
    longest = np.maximum(wide, tall)
    there = np.flatnonzero(mask)
    label = labels.ravel()[there]
    mass = np.bincount(label, level.ravel()[there], count)
    core = np.bincount(label, level.ravel()[there] > high, count)
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 3).ravel()[there]
    stroke = 4 * np.bincount(label, depth, count) / np.maximum(area, 1)
    frame = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    contact = np.bincount(frame, minlength=count)
    across = (left + wide / 2) / width - 0.5
    down = (top + tall / 2) / height - 0.5
    score = mass * (1 - np.hypot(across, down))
    score = score * np.where(contact > 0, CUT, 1) * np.where(contact > CONTACT * stroke, CUT, 1)
    score *= np.where(stroke > FAT * longest, CUT, 1)
    score[(core == 0) | (longest < MIN_SIDE * max(level.shape))] = 0
    score[0] = 0
    boxes = np.stack([left, top, left + wide, top + tall], axis=1)
    return Marks(labels, boxes, score, contact > 0)


def _choose(marks: Marks) -> Mark:
    """The strongest mark, with the pieces near it that the frame does not cut."""
    best = int(marks.score.argmax())
    left, top, right, bottom = marks.boxes[best]
    reach = max(1, int(REACH * max(right - left, bottom - top)))
    around = slice(max(0, top - reach), bottom + reach), slice(max(0, left - reach), right + reach)
    labels = marks.labels[around]
    near = cv2.dilate((labels == best).astype(np.uint8), np.ones((2 * reach + 1,) * 2, np.uint8))
    pieces = np.unique(labels[near > 0])
    joined = pieces[(marks.score[pieces] > 0) & ~marks.cut[pieces] | (pieces == best)]
    others = np.setdiff1d(np.flatnonzero(marks.score), joined)
    keep = np.zeros(len(marks.score), np.uint8)
    keep[joined] = 1
    mask = keep[marks.labels]
    x, y, w, h = cv2.boundingRect(mask)
    rivals = int((marks.score[others] > RIVAL * marks.score[best]).sum())
    return Mark(mask, (x, y, x + w, y + h), rivals, ("neighbour",) if others.size else ())
