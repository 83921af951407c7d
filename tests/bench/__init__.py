"""Benchmarks: CONTRIBUTING.md says which there are."""
