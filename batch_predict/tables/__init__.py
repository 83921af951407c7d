"""The tables of rows: their columns, and each form (`registry.WRITERS`) written and read."""

from batch_predict.tables.registry import WRITERS, Writer, find_writer

__all__ = ["WRITERS", "Writer", "find_writer"]
