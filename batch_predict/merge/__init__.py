"""python -m batch_predict.merge: the outputs of a sharded run -> those of the whole."""
