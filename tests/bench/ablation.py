"""`python -m tests.bench.ablation`: what each kind of training picture gives, in short trainings.

Each variant trains `compact` with some kinds replaced by MNIST's own pictures, and is judged on
pictures of every kind made from the validation digits: the test set stays closed.
"""

import argparse
import os
from typing import Final

import numpy as np
from sklearn.metrics import roc_auc_score

from train.compact import Recipe, fit_compact
from train.data import Dataset, Pictures, load
from train.export import fold
from train.fit import predict
from train.material import build, saved_material
from train.run import COMPACT_HELD_OUT
from train.sources import SOURCES

EPOCHS: Final = 6
DISTINCT: Final = 3
JUDGED: Final = 0.05  # of the counts of the training material, made of validation digits
VARIANTS: Final[dict[str, tuple[str, ...]]] = {  # name -> the kinds left out
    "everything": (),
    "no corruptions": ("corrupted",),
    "no drawn digits": ("drawn", "photographed"),
    "no small pictures": ("reduced", "framed"),
    "nothing but digits": ("outliers",),
    "MNIST alone": tuple(SOURCES),
}


def main() -> None:
    """Print one line of a table for each variant."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ablation", description=__doc__)
    parser.add_argument("--data", default="keras")
    parser.add_argument("--folder", required=True, help="where material.npz is, or will be")
    parser.add_argument("--teacher", nargs="+", default=(), help="models for one variant more")
    options = parser.parse_args()
    data = load(options.data, held_out=COMPACT_HELD_OUT)
    material = saved_material(os.path.join(options.folder, "material.npz"), data.train, seed=1)
    judged = {"MNIST": data.validation, **build(data.validation, seed=99, scale=JUDGED)}
    print("| variant |", *(f"{kind} |" for kind in judged))
    print("| --- |", "--- |" * len(judged))
    variants = [(name, left_out, ()) for name, left_out in VARIANTS.items()]
    if options.teacher:
        variants.append(("everything, and the teachers", (), tuple(options.teacher)))
    for number, (name, left_out, teachers) in enumerate(variants):
        mixed = material | dict.fromkeys(left_out, data.train)
        folder = os.path.join(options.folder, f"variant-{number}")
        os.makedirs(folder, exist_ok=True)
        print(f"| {name} |", _line(data, mixed, judged, folder, teachers), flush=True)


def _line(
    data: Dataset,
    material: dict[str, Pictures],
    judged: dict[str, Pictures],
    folder: str,
    teachers: tuple[str, ...],
) -> str:
    """Accuracy of each kind; of what is no digit, the AUROC against MNIST's validation digits."""
    recipe = Recipe("compact", seed=1, epochs=EPOCHS, distinct=DISTINCT, teachers=teachers)
    model = fold(fit_compact(recipe, data, material, folder).model)
    answers = {kind: predict(model, pictures) for kind, pictures in judged.items()}
    cells = [
        f"{(answer.argmax(axis=1) == judged[kind].labels).mean():.2%}"
        for kind, answer in answers.items()
        if kind != "outliers"
    ]
    digits, others = (answers[kind].max(axis=1) for kind in ("MNIST", "outliers"))
    is_digit = np.repeat([1, 0], [len(digits), len(others)])
    area = roc_auc_score(is_digit, np.concatenate([digits, others]))
    return " ".join(f"{cell} |" for cell in [*cells, f"{area:.4f}"])


if __name__ == "__main__":
    main()
