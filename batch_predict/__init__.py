"""Batch scoring of folders of pictures of handwritten digits.

From Python: `score` runs the job, `predict` asks about pictures in memory or in files of any place.
Warnings go to the logger `batch_predict`, which is silent until a program says otherwise.
"""

import logging

from batch_predict.api import Prediction, predict, score
from batch_predict.errors import BatchPredictError

__all__ = ["BatchPredictError", "Prediction", "predict", "score"]
__version__ = "1.1.0"

logging.getLogger(__name__).addHandler(logging.NullHandler())
