"""`python -m tests.bench.ablation`: what each group of training pictures gives, in short trainings.

Each variant trains `compact` with some groups replaced by MNIST's own pictures, and is judged on
pictures of every group made from the validation digits: the test set stays closed.
"""

import argparse
import os
from collections.abc import Mapping
from typing import Final

import numpy as np
from sklearn.metrics import roc_auc_score

from train.classifier_batches import DIGITS, Source, sorted_out, sources
from train.classifier_run import POOL_SEED
from train.classifier_training import Recipe, fit_classifier
from train.data import HELD_OUT_OF_RENDERED, Pictures, load
from train.export import fold
from train.predict import predict
from train.readings import NO_DIGIT
from train.rendered import GROUPS, read_rendered
from train.validation import VALIDATING, VALIDATION_SEED

STEPS: Final = 1_440  # of 256 pictures
VARIANTS: Final[dict[str, tuple[str, ...]]] = {  # name -> the groups left out
    "everything": (),
    "no large pictures": ("large",),
    "no small pictures": ("small",),
    "no more spoilt ones": ("spoilt",),
    "nothing but digits": (NO_DIGIT,),
    "MNIST alone": ("mnist", "plain", "large", "small", "spoilt", NO_DIGIT),
}


def main() -> None:
    """Print one line of a table for each variant."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ablation", description=__doc__)
    parser.add_argument("--data", default="keras")
    parser.add_argument("--ink", required=True, help="the .onnx file of the ink network")
    parser.add_argument("--folder", required=True, help="where the readings are, or will be")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--teacher", nargs="+", default=(), help="models for one variant more")
    options = parser.parse_args()
    data = load(options.data, held_out=HELD_OUT_OF_RENDERED)
    read, held = (
        read_rendered(
            os.path.join(options.folder, name), mnist, options.ink, seed, counts, options.workers
        )
        for name, mnist, seed, counts in (
            ("readings", data.train, POOL_SEED, {name: g.pictures for name, g in GROUPS.items()}),
            ("validation", data.validation, VALIDATION_SEED, VALIDATING),
        )
    )
    all_of_it = sources(data.train, read)
    digits, none = sorted_out({name: each.first() for name, each in held.items()})
    judged = {
        **{name: Pictures(each.pixels, each.labels) for name, each in digits.items()},
        NO_DIGIT: Pictures(none.pixels, none.labels),
    }
    print("| variant |", *(f"{group} |" for group in judged))
    print("| --- |", "--- |" * len(judged))
    variants = [(name, left_out, ()) for name, left_out in VARIANTS.items()]
    if options.teacher:
        variants.append(("everything, and the teachers", (), tuple(options.teacher)))
    for number, (name, left_out, teachers) in enumerate(variants):
        mixed = all_of_it | dict.fromkeys(left_out, all_of_it[DIGITS])
        folder = os.path.join(options.folder, f"variant-{number}")
        os.makedirs(folder, exist_ok=True)
        recipe = Recipe("compact", 1, 0, STEPS, options.ink, teachers=teachers)
        print(f"| {name} |", _line(recipe, mixed, judged, folder), flush=True)


def _line(
    recipe: Recipe, pictures: Mapping[str, Source], judged: Mapping[str, Pictures], folder: str
) -> str:
    """Accuracy of each group; of what is no digit, the AUROC against MNIST's validation digits."""
    model = fold(fit_classifier(recipe, pictures, {}, folder).network)
    answers = {group: predict(model, shown) for group, shown in judged.items()}
    cells = [
        f"{(answer.argmax(axis=1) == judged[group].labels).mean():.2%}"
        for group, answer in answers.items()
        if group != NO_DIGIT
    ]
    digits, others = (answers[group].max(axis=1) for group in ("mnist", NO_DIGIT))
    is_digit = np.repeat([1, 0], [len(digits), len(others)])
    area = roc_auc_score(is_digit, np.concatenate([digits, others]))
    return " ".join(f"{cell} |" for cell in [*cells, f"{area:.4f}"])


if __name__ == "__main__":
    main()
