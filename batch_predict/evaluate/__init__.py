"""Rows with truth -> Evaluation: every figure of the report. Pure: no file is touched."""

from batch_predict.evaluate.metrics import evaluate

__all__ = ["evaluate"]
