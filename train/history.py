"""The folder beside a model: how its training went, and what a killed one goes on from."""

import csv
import os
from collections.abc import Mapping


def work_folder(output: str) -> str:
    """`my.keras` -> `my.training`, which is made if need be."""
    folder = os.path.splitext(output)[0] + ".training"
    os.makedirs(folder, exist_ok=True)
    return folder


def append_row(path: str, row: Mapping[str, float]) -> None:
    """Append a line to the CSV at `path`; the first names the columns."""
    new = not os.path.exists(path)
    with open(path, "a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, row, lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(row)
