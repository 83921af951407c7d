"""Pixels of any picture of a digit -> 28x28 grey in MNIST's form, and what was decided.

There are two ways in, for the ink network, which is not of this package, marks between them:
`pipeline.normalize` in a worker, and `from_maps.from_maps` where the network runs. `modes` holds
what a caller may choose, and imports nothing heavy.
"""
