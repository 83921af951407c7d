"""What is found and scored so far, kept on disk, and how a run goes on from it."""
