"""The choices that a caller of the normalizer has; importing them costs nothing."""

from enum import StrEnum


class Preprocess(StrEnum):
    """How a picture is brought to what the model sees."""

    AUTO = "auto"  # MNIST's form passes bit for bit, everything else is brought to it
    MNIST = "mnist"  # the full procedure, for pictures in MNIST's form too
    PLAIN = "plain"  # the article's: grey, resized to 28x28


class Polarity(StrEnum):
    """How the ink stands on its ground."""

    AUTO = "auto"
    DARK_ON_LIGHT = "dark-on-light"
    LIGHT_ON_DARK = "light-on-dark"
