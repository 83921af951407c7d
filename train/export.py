"""From a trained model to the file that the job loads."""

import keras


def save(model: keras.Model, path: str) -> None:
    """Write layers and weights to a .keras or .h5 file; the optimizer would triple its size."""
    bare = model.__class__.from_config(model.get_config())
    bare.set_weights(model.get_weights())
    bare.save(path)
