"""Batch scoring of folders of pictures of handwritten digits."""

__version__ = "0.1.0"
