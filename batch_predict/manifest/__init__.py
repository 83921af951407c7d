"""What is said of a run: its manifest, its counts and gates, the summary line, the metrics."""
