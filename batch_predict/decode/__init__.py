"""A file's bytes -> upright 8-bit pixels, grey or RGB, or one reason why not."""

from batch_predict.decode.decoder import MAX_PIXELS, decode

__all__ = ["MAX_PIXELS", "decode"]
