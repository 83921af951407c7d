"""This process and its terminal: its output lock, signals, streams, log, and progress bar."""
