"""`python -m tests.bench.ray_script FOLDER MODEL OUT.csv`: what one would write with Ray Data.

`read_images` resizes, `map_batches` divides by 255 and calls a Keras model in a stateful actor.
"""

import csv
import logging
import os
import sys
from typing import Any, Final

import numpy as np
import ray

_BATCH: Final = 1024  # pictures


class Model:
    """The actor: loads the model once."""

    def __init__(self, model_path: str) -> None:
        import keras

        self._model = keras.saving.load_model(model_path, compile=False)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        inputs = np.stack(batch["image"]).reshape(-1, 28, 28, 1).astype(np.float32) / 255
        labels = self._model.predict_on_batch(inputs).argmax(axis=1)
        return {"path": batch["path"], "label": labels}


def main(folder: str, model_path: str, out: str) -> None:
    """Label the pictures in `folder`."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    ray.init(logging_level=logging.ERROR, log_to_driver=False, include_dashboard=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    pictures = ray.data.read_images(folder, mode="L", size=(28, 28), include_paths=True)
    labelled = pictures.map_batches(
        Model, fn_constructor_args=(model_path,), batch_size=_BATCH, concurrency=1
    )
    with open(out, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "label"])
        for row in labelled.iter_rows():
            writer.writerow([os.path.basename(row["path"]), row["label"]])


if __name__ == "__main__":
    main(*sys.argv[1:])
