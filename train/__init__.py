"""Training of the networks, and the pictures that it is done with."""
