"""Other ways to do the job: a folder of 28x28 grey pictures -> a CSV of paths and labels.

    python -m tests.bench.rivals keras FOLDER MODEL OUT.csv

Each loads the same model file, gives `predict` the same batches as ours, and writes the labels;
none does more: no confidence, no refusals, no resuming.
"""

import csv
import os
import sys
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

BATCH: Final = 1024  # pictures: the best of 32, 256 and 1024 for the Keras utility
PROCESSES: Final = len(os.sched_getaffinity(0))


def keras_utility(folder: str, model_path: str) -> tuple[list[str], NDArray[np.int64]]:
    """`image_dataset_from_directory` and one `predict`."""
    import keras

    pictures = keras.utils.image_dataset_from_directory(
        folder,
        labels=None,
        color_mode="grayscale",
        image_size=(28, 28),
        batch_size=BATCH,
        shuffle=False,
        verbose=False,
    )
    model = keras.saving.load_model(model_path, compile=False)
    labels = model.predict(pictures.map(lambda pixels: pixels / 255), verbose=0).argmax(axis=1)
    return [os.path.basename(path) for path in pictures.file_paths], labels


def pillow_loop(folder: str, model_path: str) -> tuple[list[str], NDArray[np.int64]]:
    """A loop over `Image.open`, and one `predict` over everything."""
    import keras

    names = sorted(os.listdir(folder))
    pixels = np.stack([_open(os.path.join(folder, name)) for name in names])
    model = keras.saving.load_model(model_path, compile=False)
    inputs = pixels[..., None].astype(np.float32) / 255
    return names, model.predict(inputs, batch_size=BATCH, verbose=0).argmax(axis=1)


def pytorch_loader(folder: str, model_path: str) -> tuple[list[str], NDArray[np.int64]]:
    """PyTorch's DataLoader with a process a core, and `predict_on_batch`."""
    import torch

    names = sorted(os.listdir(folder))

    class Pictures(torch.utils.data.Dataset):  # type: ignore[misc]
        def __len__(self) -> int:
            return len(names)

        def __getitem__(self, index: int) -> NDArray[np.uint8]:
            return _open(os.path.join(folder, names[index]))

    loader = torch.utils.data.DataLoader(Pictures(), batch_size=BATCH, num_workers=PROCESSES)
    return names, _predict((batch.numpy() for batch in loader), model_path)


def ray_data(folder: str, model_path: str) -> tuple[list[str], NDArray[np.int64]]:
    """Ray Data's `read_images`, and `predict_on_batch`."""
    import logging

    import ray

    ray.init(logging_level=logging.ERROR, log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    data = ray.data.read_images(folder, mode="L", include_paths=True)
    names: list[str] = []

    def pixels() -> Iterable[NDArray[np.uint8]]:
        for batch in data.iter_batches(batch_size=BATCH):
            names.extend(map(os.path.basename, batch["path"]))
            yield np.stack(batch["image"])

    labels = _predict(pixels(), model_path)
    return names, labels


def _open(path: str) -> NDArray[np.uint8]:
    from PIL import Image

    with Image.open(path) as image:
        return np.asarray(image)


def _predict(batches: Iterable[NDArray[np.uint8]], model_path: str) -> NDArray[np.int64]:
    import keras

    model = keras.saving.load_model(model_path, compile=False)
    scaled = (batch.reshape(-1, 28, 28, 1).astype(np.float32) / 255 for batch in batches)
    return np.concatenate([model.predict_on_batch(each).argmax(axis=1) for each in scaled])


Rival = Callable[[str, str], tuple[list[str], Any]]
#: name -> what it runs, and the library without which it can't
RIVALS: Final[dict[str, tuple[Rival, str]]] = {
    "keras": (keras_utility, "keras"),
    "pillow": (pillow_loop, "PIL"),
    "pytorch": (pytorch_loader, "torch"),
    "ray": (ray_data, "ray"),
}


def installed() -> list[str]:
    """The names of the rivals whose library is there."""
    return [name for name, (_, library) in RIVALS.items() if find_spec(library)]


def main(name: str, folder: str, model_path: str, out: str) -> None:
    """Run the rival `name`."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    names, labels = RIVALS[name][0](folder, model_path)
    with open(out, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "label"])
        writer.writerows(zip(names, labels.tolist(), strict=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
