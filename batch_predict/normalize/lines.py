"""Ruled and squared paper: its lines taken out of the contrast, the digit that they cross kept.

Straight lines are found by the Hough transform (Duda and Hart 1972), followed across the picture
as the paper bends them, and removed as staff lines are (Dalitz et al. 2008): where something goes
on above and below, or is much darker than the line, it is ink and stays."""

from itertools import compress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2

Level = NDArray[np.float32]

SURE = 4.0  # standard deviations of the ground
FAINTEST = 0.12  # of the darkest ink: fainter lines fall to the threshold anyway
VOTES = 0.3  # of the longer side: pixels in a row that make a line worth following
SEEN = 0.3  # of the votes, for a look at how the line runs
SPREAD = 6.0  # degrees within which lines are of one family
FAMILY = 3  # lines that make ruled paper
COVERED = 0.6  # of the way from a line's one end to the other
SPAN = 0.4  # of the chord through the frame
WHOLE_SPAN = 0.97  # of the chord: so long a line alone is ruling too
LONER = 5  # half-size pixels of band: a wider line alone may be a 1 from edge to edge
SWING = 4  # half-size pixels by which a line leaves the straight
WIDEST = 6  # half-size pixels on either side of a line's middle
DARKER = 1.7  # times its level: what stands out so much is ink crossing it
LOOSE_END = 0.08  # of the chord: a line that ends so near the frame goes on to it
HALO = 1  # half-size pixel, added to a line's width for what rounding leaves of its edges
EDGE = 0.15  # of a line's middle: here its soft edge ends
THIN = 0.03  # of the longer side: a wider line is a stroke
DENSEST = 0.4  # of the frame: a mask so full is texture, not ruling
APART = 4.0  # half-size pixels, degrees: nearer hits are one line
MOST_LINES = 100  # squared paper with more is finer than what a Hough transform is for


class Line(NamedTuple):
    """A line across the picture."""

    points: NDArray[np.int32]  # (n, 2), x and y along it
    level: float  # how much it stands out, grey levels
    width: int  # working pixels
    angle: float  # degrees, of its normal: 0 to 180
    span: float  # of the chord


def without_lines(level: Level, noise: float) -> tuple[Level, int]:
    """`level` (h, w) float32 -> the same without ruled lines, and how many there were."""
    if min(level.shape) < 2:
        return level, 0  # a strip of one pixel has no half
    small = cv2.resize(level, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    half = np.asarray(small, np.float32)
    lines = _ruling(_found(half, noise))
    if not lines:
        return level, 0
    typical = np.zeros((2, *half.shape), np.float32)  # of lines one way, and across
    for line in sorted(lines, key=lambda line: line.level):
        way = int(abs(line.angle - 90) < 45)
        cv2.polylines(typical[way], [line.points], False, line.level, line.width)
    ruled = typical.sum(axis=0)
    alone = ((ruled > 0) & (half <= DARKER * ruled)).astype(np.uint8)  # nothing crosses the line
    band = cv2.resize(alone, level.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    reach = 2 * max(line.width for line in lines) + 3
    around = cv2.morphologyEx(
        np.where(band, 0, level), cv2.MORPH_CLOSE, np.ones((2 * reach + 1,) * 2, np.uint8)
    )
    return np.minimum(level, around).astype(np.float32), len(lines)


def _found(level: Level, noise: float) -> list[Line]:
    peak = float(np.percentile(level, 99.9))
    mask = (level > max(SURE * noise, FAINTEST * peak)).astype(np.uint8)
    if cv2.countNonZero(mask) > DENSEST * mask.size:
        return []
    lines: list[Line] = []
    wider = np.asarray(cv2.dilate(mask, np.ones((3, 3), np.uint8)), np.uint8)
    free = {is_upright: wider.copy() for is_upright in (False, True)}  # of lines found already
    hits = cv2.HoughLines(mask, 1, np.pi / 180, int(VOTES * max(mask.shape)))
    for rho, theta in [] if hits is None else _peaks(np.asarray(hits, np.float32)):
        left = free[abs(np.cos(theta)) > np.sin(theta)]
        line = _follow(level, left, rho, theta)
        if line is not None:
            lines.append(line)
            cv2.polylines(left, [line.points], False, 0, 2 * line.width + 1)
    return lines


def _peaks(hits: NDArray[np.float32]) -> list[tuple[float, float]]:
    """Rho and theta of the strongest hits, each without the hits beside it."""
    left = hits.reshape(-1, hits.shape[-1])[:, :2]
    peaks: list[tuple[float, float]] = []
    while len(left) and len(peaks) < MOST_LINES:
        rho, theta = (float(value) for value in left[0])
        peaks.append((rho, theta))
        apart = np.hypot(left[:, 0] - rho, np.degrees(left[:, 1] - theta)) > APART
        left = left[apart]
    return peaks


def _follow(level: Level, mask: NDArray[np.uint8], rho: float, theta: float) -> Line | None:
    """The line near `x cos(theta) + y sin(theta) = rho`, or None where the mask holds none."""
    height, width = level.shape
    normal = np.array([np.cos(theta), np.sin(theta)], np.float32)
    along = np.array([-normal[1], normal[0]], np.float32)
    steps = np.arange(-height - width, height + width, dtype=np.float32)
    chord = rho * normal + steps[:, None] * along
    inside = ((chord >= 0) & (chord <= [width - 1, height - 1])).all(axis=1)
    chord = chord[inside]
    x, y = chord.astype(np.int32).T
    if mask[y, x].sum() < SEEN * VOTES * max(height, width):
        return None
    offsets = np.arange(-SWING - WIDEST, SWING + WIDEST + 1, dtype=np.float32)
    strip = chord[None] + offsets[:, None, None] * normal
    maps = (strip[..., 0].astype(np.float32), strip[..., 1].astype(np.float32))
    on = np.asarray(cv2.remap(mask, *maps, cv2.INTER_NEAREST), np.uint8)
    levels = np.asarray(cv2.remap(level, *maps, cv2.INTER_LINEAR), np.float32)
    return _traced(levels, on, strip, np.degrees(theta))


def _traced(
    strip: Level, on: NDArray[np.uint8], places: NDArray[np.float32], angle: float
) -> Line | None:
    """`strip` (offsets, n): the level along a chord; `on` its mask, `places` where it was taken."""
    swing = cv2.blur(on.astype(np.float32), (31, 3))[WIDEST:-WIDEST]
    track = swing.argmax(axis=0) + WIDEST
    columns = np.arange(strip.shape[1])
    end = len(columns) - 1
    covered = np.max([on[track + d, columns] for d in (-1, 0, 1)], axis=0)
    hits = np.flatnonzero(covered)
    if len(hits) < VOTES * len(columns):
        return None
    first, last = hits[[len(hits) // 50, -1 - len(hits) // 50]]
    first = 0 if first < LOOSE_END * end else first
    last = end if last > (1 - LOOSE_END) * end else last
    if covered[first : last + 1].mean() < COVERED:
        return None
    profile = np.median(
        [strip[track + d, columns][hits] for d in range(-WIDEST, WIDEST + 1)], axis=1
    )
    half, width = (int((profile > part * profile.max()).sum()) for part in (0.5, EDGE))
    is_edge = max(profile[0], profile[-1]) > 0.5 * profile.max()  # of something wider
    if is_edge or half > max(2, THIN * len(columns)):
        return None
    points = places[track, columns][first : last + 1].round().astype(np.int32)
    level = float(np.median(np.max([strip[track + d, columns] for d in (-1, 0, 1)], axis=0)[hits]))
    return Line(points, level, (width | 1) + HALO, angle, (last - first) / len(columns))


def _ruling(lines: list[Line]) -> list[Line]:
    """The paper's: families of parallels, their margins, and loners that span the frame."""
    long = [line for line in lines if line.span > SPAN]
    has_parallels = [_parallels(line, long) >= FAMILY for line in long]
    families = list(compress(long, has_parallels))
    return [
        line
        for line, is_one_of_many in zip(long, has_parallels, strict=True)
        if is_one_of_many or (line.span > WHOLE_SPAN and line.width <= _widest(line, families))
    ]


def _parallels(line: Line, lines: list[Line]) -> int:
    turns = [abs((line.angle - o.angle + 90) % 180 - 90) for o in lines if _as_pale(line, o)]
    return sum(turn < SPREAD for turn in turns)


def _widest(line: Line, families: list[Line]) -> int:
    """How wide `line` may be if it is a margin, ruled as the `families` are, or a fold."""
    return max([LONER, *(other.width for other in families if _as_pale(line, other))])


def _as_pale(line: Line, other: Line) -> bool:
    return line.level <= DARKER * other.level  # ink is darker
