"""What a person decided on pictures: a file of theirs, which lasts from run to run."""
