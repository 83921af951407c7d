"""This process and its terminal: its lock, its signals, its streams, its progress bar."""
