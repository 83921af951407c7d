"""Runtimes: a model's file, and the libraries that turn pixels into probabilities with it."""

from batch_predict.runtimes.registry import RUNTIMES, LoadRuntime, Runtime, find_runtime

__all__ = ["RUNTIMES", "LoadRuntime", "Runtime", "find_runtime"]
