"""Decodes a file's bytes into upright 8-bit pixels, grey or RGB, or says in one reason why not."""

from batch_predict.decode.decoder import DECODER_ERRORS, decode, upright_pixels

__all__ = ["DECODER_ERRORS", "decode", "upright_pixels"]
