"""A page in view: marks are laid on it through one homography, and the truth is kept by kind."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batch_predict.opencv import cv2
from batch_predict.records import PIXEL_MAX

from ..drawn.arrays import LINE_EXCESS, SUBPIXEL_BITS, Floats, Ink, Size, f32, fixed, on_page
from ..drawn.pen import draw_strokes
from .strokes import Strokes

FINER: Final = 2  # marks are drawn at so many times the picture's resolution, then reduced
LARGE: Final = 230  # px: a larger picture is reduced before a network sees it, and fine lines pale
FINEST: Final = 3.0  # px of a mask: the finest line that OpenCV draws anti-aliased


@dataclass
class Page:
    """Light that the surface sends back, and what lies on it."""

    light: Floats  # (h, w, 3) in [0, 1]
    plane: Floats  # (3, 3): page coordinates, unit the shorter side, origin the middle -> px x, y
    maps: NDArray[np.uint8] = field(init=False)  # (h, w, 3) coverage

    def __post_init__(self) -> None:
        """No marks yet."""
        self.maps = np.zeros((*self.size, 3), np.uint8)

    @property
    def size(self) -> Size:
        """Height and width in px."""
        return self.light.shape[0], self.light.shape[1]

    @property
    def half(self) -> Floats:
        """Half the width and half the height in page coordinates, before perspective."""
        height, width = self.size
        return f32(f32([width, height]) / min(self.size) / 2)

    def project(self, points: ArrayLike) -> Floats:
        """Page coordinates (n, 2) -> px (n, 2) at `FINER` times the resolution."""
        moved = cv2.perspectiveTransform(f32(points).reshape(-1, 1, 2), self.plane)
        return f32(moved).reshape(-1, 2) * FINER

    def blank(self) -> Ink:
        """An empty mask, `FINER` times as large as the picture."""
        return np.zeros((self.size[0] * FINER, self.size[1] * FINER), np.uint8)

    def px(self, length: float) -> float:
        """A length on the page in px of a mask."""
        return length * min(self.size) * FINER

    def lines(self, mask: Ink, ends: ArrayLike, thickness: float) -> None:
        """Draws segments (n, 2, 2) of page coordinates in place, `thickness` in page units."""
        points = self.project(np.asarray(ends).reshape(-1, 2)).reshape(-1, 2, 2)
        seen = self._near(points)
        width = max(1, round(self.px(thickness)) - LINE_EXCESS)
        runs = list(fixed(points[seen].reshape(-1, 2)).reshape(-1, 2, 1, 2))
        if runs:
            cv2.polylines(mask, runs, False, PIXEL_MAX, width, cv2.LINE_AA, SUBPIXEL_BITS)

    def _near(self, segments: Floats) -> NDArray[np.bool_]:
        """Which segments may be seen, and are short enough for OpenCV's coordinates."""
        height, width = self.size
        low, high = segments.min(axis=1), segments.max(axis=1)
        reach = FINER * np.array([width, height])
        seen = (high > -20) & (low < reach + 20) & (np.abs(low) < 2**14)
        return np.asarray(seen.all(axis=1), np.bool_)

    def strokes(self, strokes: Strokes, at: ArrayLike, height: float) -> tuple[Ink, float]:
        """Handwriting `height` tall with its middle `at` -> its mask, and how full its finest is.

        Lines finer than OpenCV draws are drawn as fine as it can and made paler by the second.
        """
        path = strokes.path * height + f32(at)
        widths = strokes.widths * self.px(height)
        mask = self.blank()
        draw_strokes(mask, self.project(path), widths, strokes.stroke)
        typical = float(np.median(widths[widths > 0])) if np.any(widths > 0) else FINEST
        return mask, min(1.0, max(typical / FINEST, 0.4))

    def stamp(self, ink: Ink, at: ArrayLike) -> Ink:
        """`ink` drawn at `FINER` times the picture's resolution, its middle `at` -> its mask."""
        mask = self.blank()
        to_page = on_page(ink.shape, self.px(1.0), at)
        whole = np.diag([FINER, FINER, 1.0]) @ self.plane @ to_page
        cv2.warpPerspective(ink, whole, mask.shape[::-1], mask, cv2.INTER_LINEAR)
        return mask

    def lay(
        self,
        mask: Ink,
        kind: int,
        colour: Floats,
        strength: float,
        tooth: Floats | None = None,
    ) -> None:
        """Puts a mark of `kind` on the page, as `tint` does, and keeps where it is."""
        small = self.tint(mask, colour, strength, tooth)
        truth = self.maps[:, :, kind]
        np.maximum(truth, self._shown(mask, small), out=truth)

    def tint(self, mask: Ink, colour: Floats, strength: float, tooth: Floats | None = None) -> Ink:
        """Puts a mask of ink of `colour` (3,) on the page; `tooth` (h, w) is what of it takes.

        It is no part of the truth. Returns the mask at the picture's resolution.
        """
        small = self._reduced(mask)
        much = small.astype(np.float32) * np.float32(strength / PIXEL_MAX)
        if tooth is not None:
            much *= tooth
        self.light += much[:, :, None] * (f32(colour) - self.light)
        return small

    def _shown(self, mask: Ink, small: Ink) -> Ink:
        """The truth of a mask: of a large picture's fine lines, wide enough to outlast reducing."""
        if max(self.size) < LARGE or cv2.erode(mask, np.ones((6, 6), np.uint8)).any():
            return small
        return self._reduced(np.asarray(cv2.dilate(mask, np.ones((3, 3), np.uint8)), np.uint8))

    def _reduced(self, mask: Ink) -> Ink:
        """A mask at the picture's resolution."""
        size = self.size[::-1]
        return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.uint8)
