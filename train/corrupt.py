"""The fifteen families of corruption that MNIST-C names, in a rendering of our own.

After Mu and Gilmer 2019 (arXiv 1906.02337). Each takes a generator and a (28, 28) uint8 picture,
light ink on a zero ground, and gives another; how strong it is, is drawn anew each time."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2
from batch_predict.records import PIXEL_MAX, SIDE

from .drawn.arrays import rotation

Rng = np.random.Generator
Picture = NDArray[np.uint8]


def _clip(values: NDArray[np.floating]) -> Picture:
    clipped: Picture = np.clip(values, 0, PIXEL_MAX).astype(np.uint8)
    return clipped


def shot_noise(rng: Rng, picture: Picture) -> Picture:
    """Few photons."""
    photons = rng.uniform(2, 20) / PIXEL_MAX
    return _clip(rng.poisson(picture * photons) / photons)


def impulse_noise(rng: Rng, picture: Picture) -> Picture:
    """Pixels that are black or white whatever was there."""
    noisy = picture.copy()
    hit = rng.random(picture.shape) < rng.uniform(0.03, 0.25)
    noisy[hit] = rng.choice([0, PIXEL_MAX], int(hit.sum()))
    return noisy


def glass_blur(rng: Rng, picture: Picture) -> Picture:
    """Pixels changed about with their neighbours, then blurred."""
    offsets = rng.integers(-1, 2, (2, SIDE, SIDE)) * rng.integers(1, 3)
    rows, columns = np.clip(np.indices(picture.shape) + offsets, 0, SIDE - 1)
    sigma = rng.uniform(0.4, 0.9)
    return _clip(cv2.GaussianBlur(picture[rows, columns], (0, 0), sigma))


def motion_blur(rng: Rng, picture: Picture) -> Picture:
    """Smeared along a line."""
    length = int(rng.integers(3, 12))
    kernel = np.zeros((length, length), np.float32)
    angle, middle = rng.uniform(0, np.pi), (length - 1) / 2
    reach = middle * np.array([np.cos(angle), np.sin(angle)])
    start, end = np.rint(middle - reach).astype(int), np.rint(middle + reach).astype(int)
    cv2.line(kernel, start.tolist(), end.tolist(), 1.0)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.uint8)


def _affine(picture: Picture, matrix: NDArray[np.float64], shift: tuple[float, float]) -> Picture:
    centre = np.full(2, (SIDE - 1) / 2)
    full = np.column_stack([matrix, centre - matrix @ centre + shift])
    return np.asarray(cv2.warpAffine(picture, full, (SIDE, SIDE)), np.uint8)


def shear(rng: Rng, picture: Picture) -> Picture:
    """Leaning to one side."""
    much = rng.uniform(0.2, 0.6) * rng.choice([-1, 1])
    return _affine(picture, np.array([[1, much], [0, 1]]), (0, 0))


def scale(rng: Rng, picture: Picture) -> Picture:
    """Shrunk, not the same both ways."""
    return _affine(picture, np.diag(rng.uniform(0.45, 0.9, 2)), (0, 0))


def rotate(rng: Rng, picture: Picture) -> Picture:
    """Turned about the middle."""
    angle = np.deg2rad(rng.uniform(10, 35)) * rng.choice([-1, 1])
    return _affine(picture, rotation(angle), (0, 0))


def brightness(rng: Rng, picture: Picture) -> Picture:
    """Ground and ink lifted alike."""
    return _clip(picture + rng.uniform(30, 190))


def translate(rng: Rng, picture: Picture) -> Picture:
    """Moved off the middle."""
    x, y = rng.uniform(-6, 6, 2)
    return _affine(picture, np.eye(2), (x, y))


def stripe(rng: Rng, picture: Picture) -> Picture:
    """A band from edge to edge inverted."""
    striped = picture.copy()
    width = int(rng.integers(3, 15))
    at = int(rng.integers(0, SIDE - width + 1))
    band = striped[:, at : at + width] if rng.random() < 0.75 else striped[at : at + width]
    band[...] = PIXEL_MAX - band
    return striped


def fog(rng: Rng, picture: Picture) -> Picture:
    """Clouds of many sizes over ground and ink."""
    mist = np.zeros(picture.shape, np.float32)
    for cells in (2, 4, 8, 16):
        layer = rng.random((cells, cells), np.float32) / cells
        mist += cv2.resize(layer, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    mist = (mist - mist.min()) / np.ptp(mist)
    thick = rng.uniform(0.3, 1.2)
    return _clip((picture + thick * PIXEL_MAX * mist) / (1 + thick * rng.random()))


def spatter(rng: Rng, picture: Picture) -> Picture:
    """Drops of one grey level."""
    grain = rng.normal(size=picture.shape)
    drops = cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.7, 1.6))
    wet = drops > np.quantile(drops, rng.uniform(0.85, 0.97))
    return np.where(wet, np.uint8(rng.integers(0, 256)), picture)


def dotted_line(rng: Rng, picture: Picture) -> Picture:
    """A straight row of dots across."""
    ends = _across(rng)
    dots = picture.copy()
    gap = rng.uniform(2, 5)
    for t in np.arange(0, 1, gap / SIDE):
        x, y = np.rint(ends[0] + t * (ends[1] - ends[0])).astype(int)
        side = int(rng.integers(0, 2))
        cv2.rectangle(dots, (x, y), (x + side, y + side), _light(rng), -1)
    return dots


def zigzag(rng: Rng, picture: Picture) -> Picture:
    """A zigzag line across."""
    start, end = _across(rng)
    bends = int(rng.integers(4, 11))
    t = np.linspace(0, 1, bends)[:, None]
    path = start + t * (end - start)
    across = np.array([-(end - start)[1], (end - start)[0]]) / SIDE
    path += across * (rng.uniform(1, 6) * (-1.0) ** np.arange(bends))[:, None]
    lines = picture.copy()
    points = [np.rint(path).astype(np.int32)]
    thickness, edge = int(rng.integers(1, 3)), int(rng.choice([4, cv2.LINE_AA]))
    cv2.polylines(lines, points, False, _light(rng), thickness, edge)
    return lines


def _across(rng: Rng) -> NDArray[np.float64]:
    """Two points on opposite sides of the picture, (x, y) each."""
    ends = np.array([[0, rng.uniform(3, 25)], [SIDE - 1, rng.uniform(3, 25)]])
    return ends if rng.random() < 0.7 else ends[:, ::-1]


def _light(rng: Rng) -> int:
    return int(rng.integers(150, 256))


def canny_edges(rng: Rng, picture: Picture) -> Picture:
    """Outlines only (Canny 1986)."""
    blurred = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 1.2))
    return np.asarray(cv2.Canny(blurred, rng.uniform(30, 100), rng.uniform(100, 200)), np.uint8)


CORRUPTIONS: Final[dict[str, Callable[[Rng, Picture], Picture]]] = {
    f.__name__: f
    for f in (
        shot_noise, impulse_noise, glass_blur, motion_blur, shear, scale, rotate, brightness,
        translate, stripe, fog, spatter, dotted_line, zigzag, canny_edges,
    )
}  # fmt: skip
