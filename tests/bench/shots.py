"""What a phone's camera makes of a sheet: view, light, lens, sensor, tone, and the file."""

import cv2
import numpy as np

from tests.bench.pens import specks


def seen(rng, sheet, turn=2.5, tilt=0.02):
    """The view (h, w, 3) float32 of `sheet`: `turn` degrees, `tilt` of the side, as spreads."""
    height, width = sheet.view
    big_h, big_w = sheet.light.shape[:2]
    angle = np.deg2rad(np.clip(rng.normal(0, turn), -9, 9))
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array([width, height]) / 2
    cos, sin = np.cos(angle), np.sin(angle)
    lean = np.clip(rng.normal(0, tilt, (4, 2)), -0.05, 0.05) * min(width, height)
    there = corners @ np.array([[cos, sin], [-sin, cos]]) + lean + np.array([big_w, big_h]) / 2
    flat = np.float32(corners + np.array([width, height]) / 2)
    back = cv2.getPerspectiveTransform(flat, np.float32(there))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpPerspective(
        sheet.light, back, (width, height), flags=flags, borderMode=cv2.BORDER_REFLECT_101
    )


def lit(rng, light, slope=0.3):
    """Light from one side, a lens darker at its corners, the lamp's colour."""
    height, width = light.shape[:2]
    y = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None]
    x = np.linspace(-0.5, 0.5, width, dtype=np.float32)
    angle, much = rng.uniform(0, 2 * np.pi), rng.uniform(0, slope)
    field = 1 + much * (np.cos(angle) * x + np.sin(angle) * y)
    field -= rng.uniform(0, 0.25) * (x * x + y * y)
    colour = rng.uniform(0.55, 1.0) * (1 + rng.normal(0, 0.03) * np.array([1, 0, -1.3]))
    return np.float32(light * field[:, :, None] * np.float32(colour))


def hand_shadow(rng, light):
    """Fingers or a hand's edge between lamp and paper."""
    height, width = light.shape[:2]
    side = max(height, width)
    shade = np.zeros((height, width), np.uint8)
    start = np.array([rng.uniform(-0.2, 1.2) * width, height * rng.choice([-0.1, 1.1])])
    towards = np.array([width, height]) * rng.uniform(0.2, 0.8, 2) - start
    for finger in range(int(rng.integers(1, 5))):
        swing = np.deg2rad(rng.normal(0, 9) + 14 * (finger - 1))
        turn = np.array([[np.cos(swing), -np.sin(swing)], [np.sin(swing), np.cos(swing)]])
        tip = start + turn @ towards * rng.uniform(0.7, 1.2)
        thick = round(side * rng.uniform(0.06, 0.16))
        cv2.line(shade, np.int32(start).tolist(), np.int32(tip).tolist(), 255, thick)
        cv2.circle(shade, np.int32(tip).tolist(), thick // 2, 255, -1)
    cv2.circle(shade, np.int32(start).tolist(), round(side * rng.uniform(0.2, 0.4)), 255, -1)
    return _shaded(rng, light, shade, (0.01, 0.05))


def phone_shadow(rng, light):
    """The phone's own shadow, and its holder's: a large shape with one straight side or two."""
    height, width = light.shape[:2]
    shade = np.zeros((height, width), np.uint8)
    centre = np.array([width, height]) * rng.uniform(0.1, 0.9, 2)
    box = (centre.tolist(), (width * rng.uniform(0.5, 1.1), height * rng.uniform(0.5, 1.2)))
    corners = cv2.boxPoints((*box, rng.uniform(-25, 25)))
    cv2.fillPoly(shade, [np.int32(corners)], 255)
    return _shaded(rng, light, shade, (0.005, 0.06))


def _shaded(rng, light, shade, softness):
    coarse = cv2.resize(shade, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    spread = max(coarse.shape) * rng.uniform(*softness)
    soft = cv2.resize(cv2.GaussianBlur(coarse, (0, 0), spread), shade.shape[::-1])
    dark = rng.uniform(0.25, 0.6) * np.float32([1.0, 0.97, 0.93])  # the sky's light stays
    return light * (1 - np.float32(soft / 255)[:, :, None] * dark)


def glare(rng, light):
    """A lamp or a window mirrored: a soft spot that washes out what is under it."""
    height, width = light.shape[:2]
    y, x = np.indices((height, width), dtype=np.float32, sparse=True)
    total = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 3))):
        cx, cy = width * rng.uniform(0, 1), height * rng.uniform(0, 1)
        wide, tall = max(height, width) * rng.uniform(0.08, 0.3, 2)
        power = rng.choice([2, 4])  # a lamp, or a window with an edge
        away = (np.abs(x - cx) / wide) ** power + (np.abs(y - cy) / tall) ** power
        total += rng.uniform(0.25, 0.7) * np.exp(-away)
    washed = np.minimum(total, 0.75)[:, :, None]  # the ink under it is still to be seen
    return light + washed * (1 - light)


def sensed(rng, light, blur=(0.3, 1.1), noise=(0.4, 3.0)):
    """Light (h, w, 3) -> uint8 RGB: focus, noise and what the phone does about it, tone."""
    unit = (max(light.shape) / 700) ** 0.6
    light = cv2.GaussianBlur(light, (0, 0), max(0.25, rng.uniform(*blur) * unit))
    size = light.shape[:2]
    grain = np.float32(rng.uniform(*noise) / 255)
    grey = cv2.GaussianBlur(np.float32(rng.standard_normal(size)), (0, 0), rng.uniform(0.4, 1.0))
    colours = np.stack([specks(rng, size, 3 * unit) for _ in range(3)], axis=2)
    light = light + grain * (1.4 * grey[:, :, None] + 0.4 * colours)
    if rng.random() < 0.6:
        soft = cv2.GaussianBlur(light, (0, 0), 1.2 * unit)
        light = light + np.float32(rng.uniform(0.2, 1.0)) * (light - soft)
    light = np.clip(light, 0, 1) ** np.float32(rng.uniform(0.8, 1.25))
    middle = light.mean(axis=2, keepdims=True)
    saturation = 0 if rng.random() < 0.12 else rng.uniform(0.7, 1.25)
    light = middle + np.float32(saturation) * (light - middle)
    return np.uint8(np.rint(np.clip(light, 0, 1) * 255))


def jpeg(pixels, quality):
    """The file of RGB `pixels`."""
    options = [cv2.IMWRITE_JPEG_QUALITY, int(quality)]
    return cv2.imencode(".jpg", np.ascontiguousarray(pixels[:, :, ::-1]), options)[1].tobytes()


def png(pixels):
    """The file of `pixels`, grey or RGB."""
    pixels = pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[:, :, ::-1])
    return cv2.imencode(".png", pixels)[1].tobytes()


def photographed(rng, sheet, *troubles, **how):
    """A phone's photo of `sheet`, a file; `troubles` come over the light, `how` as in `seen`."""
    light = lit(rng, seen(rng, sheet, **how))
    for trouble in troubles:
        light = trouble(rng, light)
    return file(rng, sensed(rng, light))


def file(rng, pixels):
    """A JPEG as phones write it; some are cuttings that were saved as PNG."""
    if max(pixels.shape) < 500 and rng.random() < 0.4:
        return png(pixels)
    return jpeg(pixels, rng.integers(60, 96))


def saved_again(rng, pixels):
    """Sent on and on: reduced a little and compressed anew each time."""
    for _ in range(int(rng.integers(2, 6))):
        if rng.random() < 0.7 and min(pixels.shape[:2]) > 90:
            scale = rng.uniform(0.7, 1.0)
            pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        data = jpeg(pixels, rng.integers(15, 60))
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    return data
