"""The stages of a run, as `job` goes through them: checks, inputs, walking, pending, outputs."""
