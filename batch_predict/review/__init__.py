"""Rows in doubt, a person, decisions that last."""
