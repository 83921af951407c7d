"""What light, lens, screen and editing add to a picture; none of it is ink."""

import numpy as np
from PIL import Image

from batch_predict.opencv import cv2
from batch_predict.records import PIXEL_MAX

from ..drawn.arrays import Floats, Ink, f32
from ..drawn.camera import Photo, as_jpeg
from .page import Page

Rng = np.random.Generator


def glare(rng: Rng, page: Page) -> None:
    """The lamp mirrored on a glossy board or pen: a soft bright spot."""
    height, width = page.size
    y, x = np.indices((height, width), dtype=np.float32)
    centre = rng.uniform(0, 1, 2) * [height, width]
    reach = rng.uniform(0.08, 0.4, 2) * min(height, width)
    spot = np.exp(-(((y - centre[0]) / reach[0]) ** 2) - ((x - centre[1]) / reach[1]) ** 2)
    page.light += (f32(spot) * np.float32(rng.uniform(0.1, 0.6)))[:, :, None]


def creases(rng: Rng, page: Page) -> None:
    """Folds: along a line the paper turns away from the light, sharply on one side."""
    height, width = page.size
    y, x = np.indices((height, width), dtype=np.float32)
    for _ in range(int(rng.integers(1, 4))):
        angle = rng.choice([0, np.pi / 2]) + rng.normal(0, 0.15)
        off = rng.uniform(-0.5, 0.5) * min(height, width)
        away = (x - width / 2) * np.cos(angle) + (y - height / 2) * np.sin(angle) - off
        reach = rng.uniform(0.01, 0.25) * min(height, width)
        slope = np.where(away > 0, np.exp(-np.abs(away) / reach), 0)
        page.light *= 1 - f32(slope)[:, :, None] * np.float32(rng.uniform(-0.06, 0.16))


def screen(rng: Rng, page: Page) -> None:
    """A screen's grid of pixels, which beats with the sensor's (moire)."""
    height, width = page.size
    y, x = np.indices((height, width), dtype=np.float32)
    pattern = np.ones((height, width, 3), np.float32)
    for _ in range(2):
        angle, pitch = rng.uniform(0, np.pi), rng.uniform(2.0, 12)
        phase = (x * np.cos(angle) + y * np.sin(angle)) * (2 * np.pi / pitch)
        shift = rng.uniform(0, 2 * np.pi, 3) if rng.random() < 0.5 else np.zeros(3)
        depth = np.float32(rng.uniform(0.01, 0.09))
        pattern *= 1 - depth * (1 + np.cos(phase[:, :, None] + f32(shift)))
    page.light *= pattern


def smears(rng: Rng, page: Page, light: bool) -> None:
    """What a wiped board keeps of what stood there: clouds and strokes, no writing any more."""
    height, width = page.size
    mask = np.zeros((height, width), np.uint8)
    for _ in range(int(rng.integers(1, 7))):
        points = rng.uniform(-0.1, 1.1, (4, 2)) * [width, height]
        thick = int(rng.integers(3, max(4, min(height, width) // 6)))
        cv2.polylines(mask, [points.astype(np.int32).reshape(-1, 1, 2)], False, PIXEL_MAX, thick)
    cloud = (
        f32(cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.02, 0.06) * min(height, width)))
        / PIXEL_MAX
    )
    page.light += (cloud * np.float32(rng.uniform(0.02, 0.16) * (1 if light else -1)))[:, :, None]


def sharpened(rng: Rng, pixels: Photo) -> Photo:
    """A phone's sharpening: light rims along dark lines."""
    soft = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.8, 2.5))
    much = rng.uniform(0.3, 2.0)
    return np.asarray(cv2.addWeighted(pixels, 1 + much, soft, -much, 0), np.uint8)


def saved_again(rng: Rng, pixels: Photo) -> Photo:
    """JPEG once or several times, each time a little smaller or shifted."""
    for _ in range(int(rng.integers(1, 4))):
        pixels = as_jpeg(pixels, int(rng.integers(8, 80)))
    return pixels


def two_tone(rng: Rng, pixels: Photo) -> Photo:
    """A fax or a copier: black and white by a threshold, or by dots (Floyd and Steinberg 1976)."""
    grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    if rng.random() < 0.4:
        dots = np.asarray(Image.fromarray(grey).convert("1"), np.uint8) * np.uint8(PIXEL_MAX)
    else:
        side = int(rng.integers(7, 40)) * 2 + 1
        around = cv2.blur(grey, (side, side))
        step = int(rng.integers(6, 30))
        dots = np.where(grey.astype(int) + step < around, 0, PIXEL_MAX).astype(np.uint8)
    return _rgb(dots)


def _rgb(levels: Ink) -> Photo:
    """Grey (h, w) as RGB."""
    return np.asarray(cv2.cvtColor(levels, cv2.COLOR_GRAY2RGB), np.uint8)


def toned(rng: Rng, pixels: Photo) -> Photo:
    """What editing leaves: grey, stretched contrast, a tint, seldom the negative."""
    way = rng.random()
    if way < 0.35:
        return _rgb(np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8))
    if way < 0.7:
        low, high = np.percentile(pixels[::4, ::4], (rng.uniform(0, 8), rng.uniform(60, 100)))
        spread = (pixels.astype(np.float32) - low) * np.float32(PIXEL_MAX / max(high - low, 8))
        return np.asarray(np.clip(spread, 0, PIXEL_MAX), np.uint8)
    if way < 0.92:
        tint = f32(rng.uniform(0.75, 1.15, 3))
        return np.asarray(np.clip(pixels * tint, 0, PIXEL_MAX), np.uint8)
    return np.asarray(PIXEL_MAX - pixels, np.uint8)


def cropped_askew(rng: Rng, light: Floats) -> Floats:
    """A scan turned upright again: wedges of plain white or black in the corners."""
    height, width = light.shape[:2]
    turn = rng.choice([-1, 1]) * rng.uniform(2, 14)
    inside = rng.uniform(0.86, 1.05)
    rim = cv2.boxPoints(((width / 2, height / 2), (width * inside, height * inside), turn))
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [rim.astype(np.int32).reshape(-1, 1, 2)], PIXEL_MAX, cv2.LINE_AA)
    outside = np.float32(rng.choice([0.0, 1.0, 1.0, rng.uniform(0, 1)]))
    share = f32(mask)[:, :, None] / PIXEL_MAX
    return f32(light * share + outside * (1 - share))
