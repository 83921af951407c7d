"""Benchmarks: CONTRIBUTING.md says which there are, and who runs each."""

import os

os.environ.setdefault(
    "TF_CPP_MIN_LOG_LEVEL", "3"
)  # before anything imports TensorFlow: its chatter
