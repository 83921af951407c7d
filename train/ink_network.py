"""The network that marks the ink: a U-Net, with a class head on its deepest level.

After Ronneberger, Fischer and Brox 2015; skips are added, as in LinkNet (Chaurasia and Culurciello
2017), which halves the cost of the way up.
"""

from typing import Final, NamedTuple

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from batch_predict.records import INK_CLASSES
from batch_predict.runtimes.ink import MAPS

from .batch_norm import BatchNorm

COLOURS: Final = 3  # red, green, blue
CHANNELS: Final = (32, 48, 64, 96)  # at 1/2, 1/4, 1/8 and 1/16 of the side
DEPTHS: Final = (1, 1, 3, 4)  # convolutions of each level on the way down, after the stem
HIDDEN: Final = 128  # units of the class head
STEM: Final = 4  # pixels: the stem's kernel, and that of the last layer
#: grey levels of contrast under which a picture is taken for even ground and its noise not raised
FAINTEST: Final = 4


def ink(side: int | None = None, folded: bool = False, dtype: str = "float32") -> keras.Model:
    """A new network: pixels (n, s, s, 3) float32 in 0..255, RGB, s a multiple of 16 (`side`, or
    any) -> {"maps": (n, s, s, 3), "classes": (n, 12)}, float32.

    It gives logits while it is trained, in the arithmetic of `dtype`. `folded`, it has no batch
    normalization, and gives the share of each pixel that is covered, and probabilities.
    """
    plan = _Plan(folded, dtype)
    pixels = layers.Input((side, side, COLOURS), name="pixels")
    x = plan.standardized(pixels)
    skips = []
    for level, (channels, depth) in enumerate(zip(CHANNELS, DEPTHS, strict=True), 1):
        if level == 1:
            x = plan.block(x, "stem", channels, STEM, 2)
        else:
            skips.append(x)
            x = layers.MaxPooling2D(2, dtype=dtype, name=f"pool{level}")(x)
        for number in range(1, depth + 1):
            x = plan.block(x, f"down{level}_{number}", channels)
    classes = plan.class_head(x)
    context = layers.GlobalAveragePooling2D(keepdims=True, dtype=dtype, name="context")(x)
    context = layers.Conv2D(CHANNELS[-1], 1, dtype=dtype, name="context_conv")(context)
    x = layers.Add(dtype=dtype, name="in_context")([x, context])
    for level, skip in zip((3, 2, 1), reversed(skips), strict=True):
        x = plan.block(x, f"narrow{level}", CHANNELS[level - 1], 1)
        x = layers.UpSampling2D(2, dtype=dtype, name=f"wide{level}")(x)
        x = layers.Add(dtype=dtype, name=f"joined{level}")([x, skip])
        x = plan.block(x, f"up{level}", CHANNELS[level - 1])
    maps = plan.map_head(x)
    return keras.Model(pixels, {"maps": maps, "classes": classes}, name="ink")


class _Plan(NamedTuple):
    """Parts of the network, for training or folded."""

    folded: bool
    dtype: str

    def standardized(self, pixels: keras.KerasTensor) -> keras.KerasTensor:
        """Each picture with mean 0 and deviation 1, in float32, which keeps faint contrast.

        Levels are left whole numbers: their sums round off little, and alike in all runtimes.
        """
        standardization = layers.GroupNormalization(
            1,
            epsilon=FAINTEST**2,
            center=False,
            scale=False,
            dtype="float32",
            name="standardized",
        )
        return standardization(pixels)

    def block(
        self, x: keras.KerasTensor, name: str, channels: int, kernel: int = 3, stride: int = 1
    ) -> keras.KerasTensor:
        """Convolution, normalization, ReLU; folded, the first does the work of all three."""
        convolution = layers.Conv2D(
            channels,
            kernel,
            stride,
            "same",
            activation="relu" if self.folded else None,
            use_bias=self.folded,
            dtype=self.dtype,
            name=name,
        )
        x = convolution(x)
        if self.folded:
            return x
        x = BatchNorm(dtype=self.dtype, name=f"{name}{_NORM}")(x)
        return layers.ReLU(dtype=self.dtype, name=f"{name}_relu")(x)

    def class_head(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Twelve answers from the deepest level."""
        mean = layers.GlobalAveragePooling2D(dtype=self.dtype, name="mean")(x)
        largest = layers.GlobalMaxPooling2D(dtype=self.dtype, name="largest")(x)
        pooled = layers.Concatenate(dtype=self.dtype, name="pooled")([mean, largest])
        hidden = layers.Dense(HIDDEN, activation="relu", dtype=self.dtype, name="hidden")(pooled)
        end = "softmax" if self.folded else None
        return layers.Dense(INK_CLASSES, activation=end, dtype="float32", name="classes")(hidden)

    def map_head(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Three maps of the picture's own size."""
        last = layers.Conv2DTranspose(
            MAPS, STEM, 2, "same", dtype="float32", name=_LOGITS if self.folded else "maps"
        )
        maps = last(x)
        if self.folded:
            maps = layers.Activation("sigmoid", dtype="float32", name="maps")(maps)
        return maps


_NORM: Final = "_norm"  # what a convolution's normalization has in its name after the former's
_LOGITS: Final = "maps_logits"  # the last layer of the maps, folded


def fold(trained: keras.Model, temperature: float = 1.0) -> keras.Model:
    """`trained` (logits, batch-normalized) as a plain float32 network of any size, with sigmoid
    and softmax at its ends.

    Each normalization goes into the convolution before it, and `temperature` into the last layer
    of the class head. After Jacob et al. 2018 and Guo et al. 2017.
    """
    plain = ink(folded=True)
    norms = {layer.name: layer for layer in trained.layers if isinstance(layer, BatchNorm)}
    for layer in plain.layers:
        if not layer.weights:
            continue
        source = trained.get_layer("maps" if layer.name == _LOGITS else layer.name)
        weights = source.get_weights()
        if norm := norms.get(layer.name + _NORM):
            weights = _normalized(weights[0], norm)
        elif layer.name == "classes":
            weights = [w / np.float32(temperature) for w in weights]
        layer.set_weights(weights)
    return plain


def _normalized(kernel: NDArray[np.float32], norm: BatchNorm) -> list[NDArray[np.float32]]:
    """Kernel and bias of a convolution that does its normalization's work too."""
    gamma, beta, mean, variance = (w.astype(np.float64) for w in norm.get_weights()[:4])
    scale = gamma / np.sqrt(variance + norm.epsilon)
    return [(kernel * scale).astype(np.float32), (beta - mean * scale).astype(np.float32)]
