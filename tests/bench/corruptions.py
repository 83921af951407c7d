"""The fifteen families of MNIST-C, in our own rendering.

Mu and Gilmer, "MNIST-C: a robustness benchmark for computer vision", arXiv 1906.02337, names them.
Parameters are random around the paper's severities. Training's augmentation shares no code.
"""

from collections.abc import Callable

import cv2
import numpy as np

SIDE = 28
CENTRE = (SIDE - 1) / 2


def _to_bytes(x):
    return np.rint(np.clip(x, 0, 1) * 255).astype(np.uint8)


def _warp(ink, matrix):
    """`ink` moved by a 2x2 matrix about its centre."""
    shift = CENTRE - matrix @ np.full(2, CENTRE)
    return cv2.warpAffine(ink, np.column_stack([matrix, shift]), (SIDE, SIDE))


def shot_noise(rng, ink):
    photons = rng.uniform(3, 8)
    return _to_bytes(rng.poisson(ink / 255 * photons) / photons)


def impulse_noise(rng, ink):
    hit = rng.random(ink.shape) < rng.uniform(0.08, 0.18)
    return np.where(hit, rng.choice(np.uint8([0, 255]), ink.shape), ink)


def glass_blur(rng, ink):
    soft = cv2.GaussianBlur(ink, (0, 0), 0.7)
    y, x = np.indices(ink.shape)
    dy, dx = rng.integers(-1, 2, (2, *ink.shape))
    swapped = soft[np.clip(y + dy, 0, SIDE - 1), np.clip(x + dx, 0, SIDE - 1)]
    return cv2.GaussianBlur(swapped, (0, 0), 0.7)


def motion_blur(rng, ink):
    kernel = np.zeros((9, 9), np.float32)
    angle, reach = rng.uniform(0, np.pi), rng.uniform(2, 4)
    tip = np.rint(reach * np.array([np.cos(angle), np.sin(angle)])).astype(int)
    cv2.line(kernel, (4 - tip).tolist(), (4 + tip).tolist(), 1.0)
    return cv2.filter2D(ink, -1, kernel / kernel.sum())


def shear(rng, ink):
    return _warp(ink, np.array([[1, rng.choice([-1, 1]) * rng.uniform(0.2, 0.5)], [0, 1]]))


def scale(rng, ink):
    return _warp(ink, np.eye(2) * rng.uniform(0.5, 0.75))


def rotate(rng, ink):
    angle = np.deg2rad(rng.choice([-1, 1]) * rng.uniform(12, 32))
    return _warp(ink, np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]))


def brightness(rng, ink):
    return _to_bytes(ink / 255 + rng.uniform(0.3, 0.6))


def translate(rng, ink):
    dx, dy = rng.choice([-1, 1], 2) * rng.uniform(2, 6, 2)
    return cv2.warpAffine(ink, np.array([[1, 0, dx], [0, 1, dy]]), (SIDE, SIDE))


def stripe(rng, ink):
    bands = ink.copy()
    left, right = rng.integers(5, 8, 2)
    bands[:, :left] = 255 - bands[:, :left]
    bands[:, SIDE - right :] = 255 - bands[:, SIDE - right :]
    return bands


def fog(rng, ink):
    mist = sum(
        cv2.resize(rng.random((n + 1, n + 1)), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) / n
        for n in (2, 4, 8)
    )
    much = rng.uniform(0.6, 1.2)
    return _to_bytes((ink / 255 + much * mist) / (1 + 0.8 * much))


def spatter(rng, ink):
    drops = cv2.GaussianBlur(rng.normal(0, 1, (SIDE, SIDE)), (0, 0), 1.2)
    wet = np.clip((drops / drops.std() - rng.uniform(1.0, 1.4)) * 1.5, 0, 1)
    return _to_bytes(np.maximum(ink / 255, wet * rng.uniform(0.6, 1)))


def _across(rng):
    """Two points on opposite sides of the picture."""
    ends = np.array([[rng.uniform(0, 5), rng.uniform(0, 27)], [27, rng.uniform(0, 27)]])
    return ends if rng.random() < 0.5 else ends[:, ::-1]


def dotted_line(rng, ink):
    start, end = _across(rng)
    dots = start + np.linspace(0, 1, rng.integers(7, 11))[:, None] * (end - start)
    lined = ink.copy()
    for dot in np.rint(dots * 8).astype(int):
        cv2.circle(lined, dot.tolist(), 5, 255, -1, cv2.LINE_AA, shift=3)
    return lined


def zigzag(rng, ink):
    start, end = _across(rng)
    count = int(rng.integers(5, 10))
    middle = start + np.linspace(0, 1, count)[:, None] * (end - start)
    across = np.array([-(end - start)[1], (end - start)[0]]) / np.linalg.norm(end - start)
    turns = middle + across * (np.where(np.arange(count) % 2, 1, -1) * rng.uniform(1.5, 3))[:, None]
    lined = ink.copy()
    points = np.rint(turns * 8).astype(np.int32).reshape(-1, 1, 2)
    cv2.polylines(lined, [points], False, 255, 1, cv2.LINE_AA, 3)
    return lined


def canny_edges(rng, ink):
    soft = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.6, 1.0))
    return cv2.Canny(soft, 50, 120)


CORRUPTIONS: dict[str, Callable] = {
    f.__name__: f
    for f in (
        shot_noise,
        impulse_noise,
        glass_blur,
        motion_blur,
        shear,
        scale,
        rotate,
        brightness,
        translate,
        stripe,
        fog,
        spatter,
        dotted_line,
        zigzag,
        canny_edges,
    )
}
