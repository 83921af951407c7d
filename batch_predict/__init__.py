"""Batch scoring of folders of pictures of handwritten digits.

From Python: `score` runs the job, `predict` asks about pictures at hand.
"""

from batch_predict.api import Prediction, predict, score
from batch_predict.errors import BatchPredictError

__all__ = ["BatchPredictError", "Prediction", "predict", "score"]
__version__ = "1.0.0"
