"""The mark's ink, its levels, its shape and its stroke width made like MNIST's."""

import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.contrast import Contrast
from batch_predict.normalize.marks import Mark
from batch_predict.normalize.mnist_form import BOX
from batch_predict.opencv import cv2

Ink = NDArray[np.float32]

FULL = 0.7  # of the ink nearby: from here on a stroke is fully inked
NEARBY = 0.15  # of the mark's longer side
RIM = 0.5 / FULL  # of full ink, half of the darkest: where a stroke ends
MARGIN = 2  # working pixels around the mask that keep the stroke's soft edge
SEEN = 0.25  # of full ink: what is fainter does not count for the box
FINE = 8  # pixels here per pixel of MNIST's box: strokes are measured and redrawn at this size
THINNEST, THICKEST = 2.0, 3.2  # pixels of MNIST's box: 80% of MNIST's digits lie between
SOFT = 4.0  # fine pixels over which a redrawn stroke's edge falls off
SQUARE = 0.03  # of the side: how near to square the ink of a stretched digit is
USUAL = 0.75  # of its height: how wide a written digit is


def inked(contrast: Contrast, mark: Mark, palest: float) -> Ink:
    """The mark alone, (h, w) float32 in [0, 1], cut to its box.

    Parts down to `palest` of the darkest ink are made as dark as the rest.
    """
    near = cv2.dilate(mark.mask, np.ones((2 * MARGIN + 1,) * 2, np.uint8))
    ink = mark.ink(contrast.level)
    darkest = float(np.percentile(ink[mark.mask > 0], 90))
    left, top, right, bottom = mark.box
    window = (int(NEARBY * max(right - left, bottom - top)) | 1,) * 2
    nearby = cv2.blur(cv2.dilate(ink, np.ones(window, np.uint8)), window)
    full = FULL * np.clip(nearby, palest * darkest, darkest)
    return _cut((np.clip(contrast.level / full, 0, 1) * near).astype(np.float32))


def unstretched(ink: Ink, frame: tuple[int, int]) -> Ink:
    """`ink`, a usual digit's width again where it was stretched to fill its square `frame` (h, w).

    Some collections (Semeion) stretch every digit to a square; a whole digit that by itself fills
    one to the pixel is rare.
    """
    height, width = ink.shape
    fills = min(height / frame[0], width / frame[1]) > 1 - SQUARE
    if not fills or abs(frame[0] - frame[1]) > SQUARE * frame[0]:
        return ink
    return _resized(ink, (round(USUAL * width), height))


def _cut(ink: Ink) -> Ink:
    left, top, width, height = cv2.boundingRect((ink > SEEN).astype(np.uint8))
    return ink[top : top + height, left : left + width]


def evened(ink: Ink) -> Ink:
    """`ink` as it is, or redrawn where its strokes are thinner or thicker than MNIST's."""
    scale = BOX * FINE / max(ink.shape)
    height, width = (max(1, round(side * scale)) for side in ink.shape)
    fine = cv2.copyMakeBorder(_resized(ink, (width, height)), *(2 * FINE,) * 4, cv2.BORDER_CONSTANT)
    inside = fine > 0.5
    depth, stroke = _measured(inside)
    if stroke > THICKEST:  # among strokes so soft and thick, what is less dark may be a hole
        inside = fine > RIM
        depth, stroke = _measured(inside)
    wanted = min(max(stroke, THINNEST), THICKEST)
    if stroke == wanted:
        return ink
    moved = depth - _depth(~inside) + (wanted - stroke) * FINE / 2
    return _cut(np.clip(moved / SOFT + 0.5, 0, 1).astype(np.float32))


def _measured(inside: NDArray[np.bool_]) -> tuple[NDArray[np.float32], float]:
    """How deep in the ink each fine pixel lies, and how wide the strokes are, pixels of the box."""
    depth = _depth(inside)
    # The mean depth of a stroke is a quarter of its width.
    return depth, 4 * float(depth[inside].mean()) / FINE


def _depth(inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    far = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray(far, np.float32)


def _resized(ink: Ink, size: tuple[int, int]) -> Ink:
    smaller = size[0] * size[1] < ink.size
    method = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(ink, size, interpolation=method), np.float32)
