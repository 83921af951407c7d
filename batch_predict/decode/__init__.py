"""Decodes a file's bytes into upright 8-bit pixels, grey or RGB, or says in one reason why not."""

from batch_predict.decode.decoder import MAX_PIXELS, decode

__all__ = ["MAX_PIXELS", "decode"]
