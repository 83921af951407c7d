"""The evaluation report: a CSV with ground truth -> a page for people, JSON for programs."""
