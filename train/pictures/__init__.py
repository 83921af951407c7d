"""Pictures to learn the ink from, each with its truth by pixel, all from a seed."""
