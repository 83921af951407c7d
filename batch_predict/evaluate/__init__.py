"""Computes every figure of the report from rows with truth. Pure: no file is read or written."""

from batch_predict.evaluate.metrics import evaluate

__all__ = ["evaluate"]
