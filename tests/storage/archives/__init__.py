"""Files that hold pictures."""
