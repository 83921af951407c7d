"""Middle lines: Zhang and Suen's thinning (1984) by lookup tables, and the spurs cut off."""

import cv2
import numpy as np

AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))  # north, clockwise
WEIGHTS = np.zeros((3, 3), np.float32)
for bit, (dy, dx) in enumerate(AROUND):
    WEIGHTS[1 + dy, 1 + dx] = 1 << bit
SPUR = 1.4  # half stroke widths: a branch that is shorter comes from the outline's corners


def _tables():
    codes = np.arange(256)
    n = [codes >> bit & 1 for bit in range(8)]
    count = sum(n)
    turns = sum((1 - a) & b for a, b in zip(n, n[1:] + n[:1], strict=True))
    edge = (count >= 2) & (count <= 6) & (turns == 1)
    north, east, south, west = n[::2]
    first = edge & (north * east * south == 0) & (east * south * west == 0)
    second = edge & (north * east * west == 0) & (north * south * west == 0)
    return np.uint8(first), np.uint8(second), np.uint8(count)


FIRST, SECOND, COUNT = _tables()


def middle_lines(mask):
    """(h, w) bool: lines one pixel wide in the middle of the strokes of `mask` (h, w) bool."""
    thin = np.uint8(mask)
    while True:
        before = cv2.countNonZero(thin)
        for table in (FIRST, SECOND):
            codes = cv2.filter2D(thin, cv2.CV_8U, WEIGHTS, borderType=cv2.BORDER_CONSTANT)
            thin = thin * (1 - cv2.LUT(codes, table))
        if cv2.countNonZero(thin) == before:
            return _pruned(mask, thin)


def _pruned(mask, thin):
    depth = cv2.distanceTransform(np.uint8(mask), cv2.DIST_L2, cv2.DIST_MASK_3)
    for end in np.argwhere(thin * (_neighbours(thin) == 1)):
        branch = _branch(thin, tuple(end))
        if branch and len(branch) < SPUR * depth[branch[-1]] + 2:
            for pixel in branch[:-1]:
                thin[pixel] = 0
    return thin > 0


def _neighbours(thin):
    codes = cv2.filter2D(thin, cv2.CV_8U, WEIGHTS, borderType=cv2.BORDER_CONSTANT)
    return cv2.LUT(codes, COUNT)


def _branch(thin, at):
    """The pixels from an end to where lines meet, and that one; none if they meet nowhere."""
    branch = [at]
    seen = {at}
    while True:
        y, x = branch[-1]
        onward = [
            (y + dy, x + dx)
            for dy, dx in AROUND
            if thin[y + dy, x + dx] and (y + dy, x + dx) not in seen
        ]
        beside = [p for p in onward if p[0] == y or p[1] == x] or onward
        if not onward:
            return []
        if len(onward) > 1 and not _touch(onward):
            return branch
        branch.append(beside[0])
        seen.update(onward)


def _touch(pixels):
    """Whether two pixels are neighbours of one another: a line's corner, no fork."""
    (y, x), (v, u) = pixels[:2]
    return len(pixels) == 2 and abs(y - v) + abs(x - u) == 1
