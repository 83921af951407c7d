"""Runtimes: a model's file, and the libraries that run its network on arrays."""

from batch_predict.runtimes.classifier import Classifier
from batch_predict.runtimes.network import Network
from batch_predict.runtimes.registry import RUNTIMES, Runtime, find_runtime

__all__ = ["RUNTIMES", "Classifier", "Network", "Runtime", "find_runtime"]
