"""Pixels of any picture of a digit -> 28x28 grey in MNIST's form, and what was decided.

`pipeline.normalize` is the way in; `modes` holds its choices and imports nothing heavy.
"""
