"""Pixels of any picture of a digit -> 28x28 grey in MNIST's form, and what was decided."""

from batch_predict.normalize.plain import plain

__all__ = ["plain"]
