"""Engines: where the work is done, on this machine or on a Ray cluster."""

from batch_predict.engines.registry import ENGINES, Engine, find_engine

__all__ = ["ENGINES", "Engine", "find_engine"]
