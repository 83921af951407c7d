"""Augmentation of pictures and their maps on the device that trains, in operations of Keras."""

from typing import Any, Final

import keras
from keras import ops, random

from batch_predict.normalize.letterbox import SMALL
from batch_predict.records import PIXEL_MAX

STILL: Final = 0.25  # of the pictures are neither moved nor turned: they keep their pixels
ZOOM: Final = 0.3  # both ways, logarithm of the scale
STRETCH: Final = 0.1  # both ways, logarithm of width against height
TURN: Final = 0.12  # radians, standard deviation
SHEAR: Final = 0.1  # standard deviation
SHIFT: Final = 0.12  # of the side, both ways
GAMMA: Final = 0.4  # both ways, logarithm of the exponent
GAIN: Final = 0.08  # standard deviation of the logarithm of each channel's factor
GREY: Final = 1 / 3  # of the pictures lose their colour
INVERTED: Final = 0.2  # of the small ones
NOISE: Final = 0.05  # of full scale, the most
SOFT: Final = 0.2  # of the pictures are blurred
_DARKEST: Final = 1e-3  # under an exponent: a logarithm of zero has no gradient


class Augment(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Planes (n, s, s, 6) uint8 -> pixels (n, s, s, 3) in 0..255 and maps (n, s, s, 3) in 0..1.

    Pictures are moved, zoomed, turned, sheared and lit anew; the maps move with them. What comes
    into view from beyond the frame repeats the border, and nothing is written there, as in a
    letterbox.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(dtype="float32")
        self.seeds = random.SeedGenerator(seed)

    def call(self, planes: Any, training: bool = False) -> tuple[Any, Any]:
        """Without `training`, the planes as they are."""
        if not training:
            values = ops.cast(planes, "float32")
            return values[..., :3], values[..., 3:] / PIXEL_MAX
        pixels, maps = self._moved(planes)
        return self._lit(pixels), maps

    def _uniform(self, planes: Any, least: float, most: float) -> Any:
        return random.uniform((ops.shape(planes)[0], 1, 1), least, most, seed=self.seeds)

    def _normal(self, planes: Any, deviation: float) -> Any:
        drawn = random.normal((ops.shape(planes)[0], 1, 1), 0.0, deviation, seed=self.seeds)
        return ops.clip(drawn, -2.5 * deviation, 2.5 * deviation)

    def _moved(self, planes: Any) -> tuple[Any, Any]:
        """Pixels in 0..1 and maps through one affine map each, interpolated linearly."""
        count, side = ops.shape(planes)[0], ops.shape(planes)[1]
        moves = ops.cast(self._uniform(planes, 0, 1) > STILL, "float32")
        zoom = self._uniform(planes, -ZOOM, ZOOM) * moves
        stretch = self._uniform(planes, -STRETCH, STRETCH) * moves / 2
        wide, tall = ops.exp(zoom + stretch), ops.exp(zoom - stretch)
        turn = self._normal(planes, TURN) * moves
        shear = self._normal(planes, SHEAR) * moves
        cos, sin = ops.cos(turn), ops.sin(turn)
        last = ops.cast(side - 1, "float32")
        along = ops.arange(side, dtype="float32") - last / 2
        y, x = along[None, :, None], along[None, None, :]
        reach = SHIFT * ops.cast(side, "float32") * moves
        left = self._uniform(planes, -1, 1) * reach + last / 2
        top = self._uniform(planes, -1, 1) * reach + last / 2
        from_x = wide * cos * x + (shear - sin) * tall * y + left
        from_y = wide * sin * x + tall * cos * y + top
        x0, x1, right = self._between(from_x, last)
        y0, y1, below = self._between(from_y, last)
        rows = ops.reshape(planes, (-1, planes.shape[-1]))
        start = ops.reshape(ops.arange(count, dtype="int32") * side * side, (-1, 1, 1))

        def at(y: Any, x: Any, weight: Any) -> Any:
            found = ops.take(rows, start + y * side + x, axis=0)
            return ops.cast(found, "float32") * ops.expand_dims(weight / PIXEL_MAX, -1)

        values = (
            at(y0, x0, (1 - below) * (1 - right))
            + at(y0, x1, (1 - below) * right)
            + at(y1, x0, below * (1 - right))
            + at(y1, x1, below * right)
        )
        within = (ops.abs(from_x - last / 2) <= last / 2) & (ops.abs(from_y - last / 2) <= last / 2)
        return values[..., :3], values[..., 3:] * ops.expand_dims(ops.cast(within, "float32"), -1)

    @staticmethod
    def _between(place: Any, last: Any) -> tuple[Any, Any, Any]:
        """The pixels on both sides of `place`, and how far the second is nearer, in 0..1."""
        place = ops.clip(place, 0.0, last)
        before = ops.floor(place)
        after = ops.minimum(before + 1, last)
        return ops.cast(before, "int32"), ops.cast(after, "int32"), place - before

    def _lit(self, pixels: Any) -> Any:
        """`pixels` in 0..1 in another light, in 0..255."""
        each = ops.expand_dims
        gamma = ops.exp(self._uniform(pixels, -GAMMA, GAMMA))
        pixels = ops.power(ops.maximum(pixels, _DARKEST), each(gamma, -1))
        channels = [self._normal(pixels, GAIN) for _ in range(3)]
        pixels = pixels * ops.exp(ops.stack(channels, axis=-1))
        grey = each(self._uniform(pixels, 0, 1) < GREY, -1)
        pixels = ops.where(grey, ops.mean(pixels, axis=-1, keepdims=True), pixels)
        small = ops.cast(ops.convert_to_tensor(ops.shape(pixels)[1]) <= SMALL, "float32")
        inverted = each(self._uniform(pixels, 0, 1) < INVERTED * small, -1)
        pixels = ops.where(inverted, 1 - pixels, pixels)
        soft = each(ops.cast(self._uniform(pixels, 0, 1) < SOFT, "float32"), -1)
        soft = soft * each(self._uniform(pixels, 0, 1), -1)
        pixels = pixels + soft * (_blurred(pixels) - pixels)
        noise = each(self._uniform(pixels, 0, 1) ** 3 * NOISE, -1)
        grain = random.normal((*ops.shape(pixels)[:3], 1), seed=self.seeds)
        return ops.clip(pixels + noise * grain, 0.0, 1.0) * PIXEL_MAX


def _blurred(pixels: Any) -> Any:
    """The mean of each pixel and its eight neighbours, the border repeated."""
    before, after = pixels[:, :1], pixels[:, -1:]
    above = ops.concatenate([before, pixels[:, :-1]], axis=1)
    below = ops.concatenate([pixels[:, 1:], after], axis=1)
    tall = (above + pixels + below) / 3
    left = ops.concatenate([tall[:, :, :1], tall[:, :, :-1]], axis=2)
    right = ops.concatenate([tall[:, :, 1:], tall[:, :, -1:]], axis=2)
    return (left + tall + right) / 3
