"""How a small picture looks: the tones of ground, ink and print, and what scanning adds."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2
from batch_predict.records import PIXEL_MAX

from ..drawn.arrays import Floats, f32
from ..drawn.camera import as_jpeg
from ..drawn.paper import cloud
from .sample import INK, PRINT, WRITING

Rng = np.random.Generator
Colour = NDArray[np.float64]  # (3,) RGB, 0 to 255

WHITE, BLACK = np.full(3, 255.0), np.zeros(3)
SCREEN_INKS = np.array([(20, 20, 20), (0, 90, 230), (220, 30, 40), (0, 140, 60), (130, 30, 160)])
PRINTS = np.array([(40, 40, 45), (110, 110, 115), (170, 170, 175), (200, 90, 90), (90, 120, 190)])

SHARPEST = 0.15  # px: less blur is none
FAINTEST = 12.0  # grey levels of contrast: paler ink is not written for a reader
CAREFUL = 80  # quality of JPEG that leaves pale ink as it is


class Look(NamedTuple):
    """Tones, and by how much the picture is spoilt."""

    ground: Colour
    ink: Colour
    writing: Colour
    print: Colour
    soft: float = 0.0  # px: the blur of the lens or of a reduction
    stains: float = 0.0  # grey levels: clouds on the paper
    slope: float = 0.0  # share of the ground's tone that is lost from one side to the other
    noise: float = 0.0  # grey levels
    fading: float = 0.0  # share of the ink that is lost in places
    shadow: float = 0.0  # share of the light that a shadow over a part of the picture takes
    salt: float = 0.0  # share of the pixels that are black or white whatever was there
    threshold: float = 0.0  # of 1-bit pictures: between the tones of ground and ink; 0: none
    levels: int = 0  # grey levels that are kept; 0: all
    quality: int = 0  # of JPEG; 0: none


def plain_look(rng: Rng, ground: Colour, ink: Colour, **spoilt: float) -> Look:
    """Ink and other writing of one pen, and print of a tone between theirs and the ground's."""
    much = rng.uniform(0.3, 1.2)
    between = np.clip(ground + (ink - ground) * much, 0, PIXEL_MAX)
    look = Look(ground, ink, ink, between, **spoilt)  # type: ignore[arg-type]
    return _compressed(rng, look)


def black_on_white(rng: Rng) -> Look:
    """As programs draw and scanners see it, in one polarity or the other."""
    ground, ink = (WHITE, BLACK) if rng.random() < 0.6 else (BLACK, WHITE)
    return plain_look(rng, ground, ink)


def grey(rng: Rng) -> Look:
    """Grey on grey, either polarity, at times so pale that it is hardly seen; with grain."""
    if rng.random() < 0.5:
        low, high = rng.uniform(0, 60), rng.uniform(120, 255)
    else:
        low, high = rng.uniform(150, 255), rng.uniform(0, 110)
    if rng.random() < 0.15:
        high = low + np.sign(high - low) * rng.uniform(10, 45)
    noise = rng.uniform(0, 12) * (rng.random() < 0.4)
    noise = min(noise, abs(high - low) / 4)
    return plain_look(
        rng,
        np.full(3, low),
        np.full(3, high),
        noise=noise,
        soft=rng.exponential(0.3),
        slope=rng.uniform(0, 0.3) * (rng.random() < 0.3),
        salt=rng.uniform(0, 0.04) * (rng.random() < 0.04),
        threshold=rng.uniform(0.3, 0.6) * (rng.random() < 0.08),
    )


def paper(rng: Rng) -> Look:
    """A scanned or photographed page in few pixels: toned paper, ink of any colour."""
    tone = rng.uniform(120, 250) * (1 - rng.uniform(0, 0.25) * rng.random(3))
    dark = rng.uniform(0.1, 0.65) * (1 - 0.6 * rng.random(3) * (rng.random() < 0.5))
    ink = tone * dark
    look = plain_look(
        rng,
        tone,
        ink,
        soft=rng.uniform(0, 0.7),
        stains=rng.uniform(0, 4),
        slope=rng.uniform(0, 0.35) * (rng.random() < 0.6),
        noise=rng.uniform(0, 5) * (rng.random() < 0.6),
        fading=rng.uniform(0, 0.4) * (rng.random() < 0.3),
        shadow=rng.uniform(0.1, 0.6) * (rng.random() < 0.2),
        threshold=rng.uniform(0.35, 0.6) * (rng.random() < 0.05),
    )
    return look._replace(print=tone * PRINTS[rng.integers(len(PRINTS))] / PIXEL_MAX)


def screen(rng: Rng) -> Look:
    """A drawing of an app: colours of the screen, nothing else."""
    if rng.random() < 0.65:
        ground, ink = WHITE, SCREEN_INKS[rng.integers(len(SCREEN_INKS))].astype(float)
        if rng.random() < 0.3:
            ink = rng.uniform(0, 190, 3)
    elif rng.random() < 0.6:
        ground, ink = BLACK, WHITE
    else:
        ground, ink = rng.uniform(0, 255, 3), rng.uniform(0, 255, 3)
        if abs(ground.mean() - ink.mean()) < 60:
            ink = WHITE if ground.mean() < 128 else BLACK
    return plain_look(rng, ground, ink)


def _compressed(rng: Rng, look: Look) -> Look:
    """One in seven pictures was stored as a JPEG."""
    return look._replace(quality=int(rng.integers(35, 96))) if rng.random() < 0.15 else look


def shown(look: Look, coverage: Floats) -> Look:
    """`look` with its ink strong enough to be seen above stains, grain and JPEG.

    `coverage` (h, w, n) is what is written, blurred.
    """
    contrast = float(np.abs(look.ink - look.ground).max()) * float(coverage.max())
    if contrast < FAINTEST:
        ink = BLACK if look.ground.mean() > PIXEL_MAX / 2 else WHITE
        look = look._replace(ink=ink, writing=ink)
        contrast = float(np.abs(look.ink - look.ground).max()) * float(coverage.max())
    quality = max(look.quality, CAREFUL) if look.quality and contrast < 50 else look.quality
    return look._replace(
        noise=min(look.noise, contrast / 3), stains=min(look.stains, contrast / 4), quality=quality
    )


def blurred(look: Look, coverage: Floats) -> Floats:
    """`coverage` (h, w, n) as soft as the lens or the reduction made it."""
    if look.soft <= SHARPEST:
        return coverage
    return f32(cv2.GaussianBlur(coverage, (0, 0), look.soft))


def rendered(rng: Rng, cover: Floats, look: Look) -> Floats:
    """Coverage (h, w, 3) in the tones of `look`: (h, w, 3) RGB, 0 to 255 and beyond."""
    size = (cover.shape[0], cover.shape[1])
    if look.fading:
        cover = cover * (1 - look.fading * np.clip(0.5 + cloud(rng, size, 5), 0, 1)[..., None])
    picture = np.empty((*size, 3), np.float32)
    picture[:] = look.ground
    if look.stains:
        stains = cloud(rng, size, 4) + 0.7 * cloud(rng, size, 12)
        picture += look.stains * stains[..., None]
    for map_, tone in ((PRINT, look.print), (WRITING, look.writing), (INK, look.ink)):
        much = cover[..., map_, None]
        picture += much * (f32(tone) - picture)
    if look.slope:
        picture *= 1 + look.slope * _across(rng, size)
    if look.shadow:
        edge = rng.uniform(0.02, 0.3)
        lit = np.clip((_across(rng, size) + rng.uniform(-0.3, 0.3)) / edge + 0.5, 0, 1)
        picture *= 1 - look.shadow * lit
    return picture


def _across(rng: Rng, size: tuple[int, int]) -> Floats:
    """(h, w, 1), from about -0.5 on one side of the picture to 0.5 on the other, any way."""
    y, x = np.linspace(-0.5, 0.5, size[0])[:, None], np.linspace(-0.5, 0.5, size[1])
    angle = rng.uniform(0, 2 * np.pi)
    return f32(x * np.cos(angle) + y * np.sin(angle))[..., None]


def finished(rng: Rng, picture: Floats, look: Look) -> NDArray[np.uint8]:
    """Grain, few levels and JPEG: (h, w, 3) uint8."""
    if look.noise:
        grain = rng.normal(0, look.noise, (*picture.shape[:2], 1)).astype(np.float32)
        picture = picture + grain
    if look.salt:
        hit = rng.random(picture.shape[:2]) < look.salt
        picture[hit] = rng.choice([0, PIXEL_MAX], (int(hit.sum()), 1))
    if look.threshold:
        level = (1 - look.threshold) * look.ground.mean() + look.threshold * look.ink.mean()
        picture = np.where(picture.mean(axis=2, keepdims=True) > level, PIXEL_MAX, 0)
        picture = f32(np.broadcast_to(picture, (*picture.shape[:2], 3)))
    pixels: NDArray[np.uint8] = np.clip(np.rint(picture), 0, PIXEL_MAX).astype(np.uint8)
    if look.levels:
        steps = PIXEL_MAX / (look.levels - 1)
        pixels = np.rint(np.rint(pixels / steps) * steps).astype(np.uint8)
    if look.quality:
        pixels = as_jpeg(pixels, look.quality)
    return pixels
