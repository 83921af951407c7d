"""What stands out -> the one mark that is the digit, its crumbs joined, its neighbours dropped."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.contrast import Contrast

SURE = 6.0  # standard deviations of the ground: a mark has a core above this
LOW = 0.5  # of the high threshold: what hangs on to a core belongs to the mark
MIN_AREA = 0.0004  # of the frame: smaller is a speck
REACH = 0.08  # of the mark's longer side: pieces nearer than this belong together
RIVAL = 0.5  # of the chosen mark's score: a second mark this strong is another digit


class Mark(NamedTuple):
    """The chosen mark."""

    mask: NDArray[np.uint8]  # (h, w), 1 where its ink is
    box: tuple[int, int, int, int]  # left, top, right, bottom, working pixels
    rivals: int  # other marks as strong
    dropped: tuple[str, ...]


def find_mark(contrast: Contrast) -> Mark | None:
    """The mark in `contrast`, or None where nothing is written."""
    level = contrast.level
    high = _threshold(level, contrast.noise)
    if high is None:
        return None
    mask = (level > LOW * high).astype(np.uint8)
    count, found, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    labels = np.asarray(found, np.intp)
    peaks = np.zeros(count, np.float32)
    np.maximum.at(peaks, labels.ravel(), level.ravel())
    area = stats[:, cv2.CC_STAT_AREA]
    real = (peaks > high) & (area > MIN_AREA * level.size)
    real[0] = False
    if not real.any():
        return None
    mass = np.bincount(labels.ravel(), level.ravel(), count) * real
    return _choose(labels, np.asarray(stats, np.int32), np.asarray(mass, np.float64))


def _threshold(level: NDArray[np.float32], noise: float) -> float | None:
    """Otsu's threshold among what is surely not ground, or None where nothing is."""
    sure = level[level > SURE * noise]
    if sure.size < MIN_AREA * level.size:
        return None
    peak = float(np.percentile(sure, 95))
    return max(SURE * noise, 0.5 * peak)


def _choose(labels: NDArray[np.intp], stats: NDArray[np.int32], mass: NDArray[np.float64]) -> Mark:
    height, width = labels.shape
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    right, bottom = left + stats[:, cv2.CC_STAT_WIDTH], top + stats[:, cv2.CC_STAT_HEIGHT]
    touching = (left <= 0) | (top <= 0) | (right >= width) | (bottom >= height)
    score = mass * np.where(touching, 0.3, 1.0)
    best = int(score.argmax())
    size = max(right[best] - left[best], bottom[best] - top[best])
    reach = max(1, int(REACH * size))
    near = cv2.dilate(
        (labels == best).astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    )
    joined = {
        int(k)
        for k in np.unique(labels[near > 0])
        if mass[k] > 0 and (k == best or not touching[k])
    } | {best}
    keep = np.zeros(len(mass), np.uint8)
    keep[list(joined)] = 1
    others = [k for k in range(1, len(mass)) if mass[k] > 0 and k not in joined]
    rivals = sum(score[k] > RIVAL * score[best] for k in others)
    mask = keep[labels]
    x, y, w, h = cv2.boundingRect(mask)
    return Mark(mask, (x, y, x + w, y + h), int(rivals), ("neighbour",) if others else ())
