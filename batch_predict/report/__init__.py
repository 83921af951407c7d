"""Writes the evaluation report from a CSV with ground truth: HTML for people, JSON for programs."""
