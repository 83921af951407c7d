"""Reads ground truth from a labels file, a pattern over paths, or digit-named folders."""

from batch_predict.truth.resolve import find_truth
from batch_predict.truth.truth import Truth

__all__ = ["Truth", "find_truth"]
