"""How an ink network does on pictures that it was not trained on: in figures, and to look at."""

from typing import Any, Final, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2
from batch_predict.records import CLASSES, PIXEL_MAX

from .ink_lesson import MAP_NAMES, losses, total
from .ink_pool import Batch

BATCH: Final = 64  # pictures at once
HALF: Final = 0.5  # share of a pixel from which it counts as covered
#: columns of a sheet: each picture, what is on it, what the network finds
COLUMNS: Final = 6

Floats = NDArray[np.float32]


class Answers(NamedTuple):
    """A network's logits for pictures of one side."""

    maps: Floats  # (n, side, side, 3)
    classes: Floats  # (n, 12)


def answers(network: keras.Model, held: Batch) -> Answers:
    """What `network`, unfolded, says to `held`."""
    pixels = held.planes[..., :3].astype(np.float32)
    found = []
    for start in range(0, len(pixels), BATCH):
        batch = pixels[start : start + BATCH]
        answer = network.predict_on_batch(np.resize(batch, (BATCH, *batch.shape[1:])))
        found.append(Answers(answer["maps"][: len(batch)], answer["classes"][: len(batch)]))
    return Answers(*map(np.concatenate, zip(*found, strict=True)))


def figures(answer: Answers, held: Batch) -> dict[str, float]:
    """Loss, its parts, overlap (intersection over union) of each map, share of right classes.

    Overlaps are means over pictures; of the maps besides the ink, over those with any of it.
    """
    parts: dict[str, list[Any]] = {}
    for start in range(0, len(held.labels), BATCH):
        rows = slice(start, start + BATCH)
        maps = keras.ops.convert_to_tensor(held.planes[rows, ..., 3:], "float32") / PIXEL_MAX
        logits = {"maps": answer.maps[rows], "classes": answer.classes[rows]}
        logits = {name: keras.ops.convert_to_tensor(value) for name, value in logits.items()}
        found = losses(logits, maps, keras.ops.convert_to_tensor(held.labels[rows]))
        for name, values in {**found, "loss": total(found)}.items():
            parts.setdefault(name, []).append(keras.ops.convert_to_numpy(values))
    result = {name: float(np.concatenate(values).mean()) for name, values in parts.items()}
    said, there = answer.maps > 0, held.planes[..., 3:] > PIXEL_MAX * HALF
    both = np.count_nonzero(said & there, axis=(1, 2))
    either = np.count_nonzero(said | there, axis=(1, 2))
    overlap = (both + 1) / (either + 1)
    for place, name in enumerate(MAP_NAMES):
        counted = overlap[there[..., place].any(axis=(1, 2)) | (place == 0), place]
        result[f"{name}_overlap"] = float(counted.mean()) if len(counted) else 1.0
    result["ink_overlap_median"] = float(np.median(overlap[:, 0]))
    right = answer.classes.argmax(axis=1) == held.labels
    result["classes_right"] = float(right.mean())
    digits = held.labels < CLASSES
    result["digits_right"] = float(right[digits].mean()) if digits.any() else 1.0
    return {name: round(value, 5) for name, value in result.items()}


def draw_sheet(path: str, answer: Answers, held: Batch, count: int) -> None:
    """A PNG at `path` of the first `count`: picture, truth and answer; ink is red, other writing
    green, print blue; label and answer above."""
    shares = 1 / (1 + np.exp(-np.clip(answer.maps[:count], -30, 30)))
    side = held.planes.shape[1]
    cells = []
    for place in range(min(count, len(held.labels))):
        pixels, truth = held.planes[place, ..., :3], held.planes[place, ..., 3:]
        found = np.rint(shares[place] * PIXEL_MAX).astype(np.uint8)
        row = np.hstack([pixels, truth, found])
        cell = cv2.copyMakeBorder(row, 16, 2, 2, 2, cv2.BORDER_CONSTANT, value=(40, 40, 90))
        words = f"{held.labels[place]} {answer.classes[place].argmax()}"
        cv2.putText(cell, words, (3, 12), cv2.FONT_HERSHEY_PLAIN, 0.9, (255, 255, 255))
        cells.append(cell)
    columns = max(1, COLUMNS * 96 // side)
    cells += [np.zeros_like(cells[0])] * (-len(cells) % columns)
    rows = [np.hstack(cells[start : start + columns]) for start in range(0, len(cells), columns)]
    cv2.imwrite(path, np.vstack(rows)[..., ::-1])
