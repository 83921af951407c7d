"""`python -m train tune --labels FILE in_dir`: learn from what a person decided, if it helps.

The model as it was and the tuned one are judged as a run uses them, with all their looks, on
pictures that no training has seen.
"""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from batch_predict import predict
from batch_predict.errors import InputError, OutputError
from batch_predict.manifest.ownership import check_kept
from batch_predict.records import ImageRef
from batch_predict.report.compare import mcnemar_p
from batch_predict.runtimes.model_file import card_path, find_model
from batch_predict.storage.staging import staging
from batch_predict.storage.system_names import to_system
from batch_predict.tables.csv_paths import from_csv

from .card import Card, accuracy_of, new_card, write_card
from .command import PROGRAM
from .data import Dataset, kept_mnist
from .export import save
from .forgetting import MOST_LOST, Forgotten, kinds_of, right_of, say, warn
from .held_out import groups_of, hold_out
from .labelled import Labelled, read_labelled
from .readings import AS_THEY_ARE
from .tune import Recipe, fit, looks_of, start, table
from .validation import load_validation

FEWEST_PICTURES: Final = 50
FEWEST_DIGITS: Final = 5
SIGNIFICANT: Final = 0.05  # p: less is not taken for chance
MOST_OTHERS: Final = 300  # pictures without a label that are read again: some seconds
OTHERS: Final = "ok rows"  # those of them that the model before is sure of
MOST_OTHERWISE: Final = (
    0.02  # of these: some 1% of the shipped model's are wrong, and may be mended
)


@dataclass(frozen=True)
class Source:
    """Where the pictures and their labels are."""

    in_dir: str
    labels: str  # a decisions file, or a table of paths and labels
    groups: str | None = None  # a table of paths and groups; None: by folder
    few: bool = False  # take fewer pictures than a tuning should have


class Won(NamedTuple):
    """How the tuned model reads the held-out pictures, against the model before."""

    before: NDArray[np.bool_]  # (n,) whether it was right
    after: NDArray[np.bool_]  # (n,)

    @property
    def wins(self) -> int:
        """Pictures that only the tuned model reads right."""
        return int((self.after & ~self.before).sum())

    @property
    def losses(self) -> int:
        """Pictures that only the model before reads right."""
        return int((self.before & ~self.after).sum())

    @property
    def p(self) -> float:
        """Of McNemar's exact test."""
        return mcnemar_p(self.wins, self.losses)


def tune_on_labels(recipe: Recipe, source: Source) -> None:
    """Fine-tune on the labelled pictures of `source`; the output is written where it is better.

    Better is: on the held-out pictures it has more wins than losses, by more than chance
    (McNemar's exact test), and of MNIST's digits and of the rows that were `ok` it reads no more
    than 0.3 and 2 points otherwise. `force` writes what is not, too.

    Raises:
        UsageError: labels or groups can't be taken; the output is a judge of its model.
        InputError: there are too few pictures, and `few` is not said.
        ModelError: the model can't be read, or its scale can't be told.
        OutputError: the tuned model is not better, or the output that is there is.
    """
    keras.utils.set_random_seed(recipe.seed)
    model, output = find_model(recipe.init), recipe.output
    judges = {f"the judge {os.path.basename(judge.path)}": judge.path for judge in model.judges}
    check_kept((output, card_path(output)), judges)
    labelled = read_labelled(source.in_dir, source.labels)
    _say_labels(labelled)
    _check_enough(labelled, few=source.few)
    groups = groups_of(labelled.refs, source.groups)
    parts = hold_out(labelled.refs, groups, recipe.seed)
    train, validation, test = map(labelled.pictures.at, parts)
    data = Dataset(train, validation, test, "the owner's of the pictures")
    held = load_validation(recipe.rendered) if recipe.rendered else {}
    kinds = kinds_of(recipe.mnist or kept_mnist(), held)
    path, loaded = start(model, data.validation)
    right_before = right_of(loaded, kinds)
    tested = [labelled.refs[place] for place in parts.test]
    others = _some(labelled.unlabelled, recipe.seed)
    before, others_before = _read(model.path, source.in_dir, tested, others)

    fit(loaded, data, recipe.seed)
    right = right_of(loaded, kinds)
    forgotten = {
        name: Forgotten(len(each.labels), right_before[name], right[name])
        for name, each in kinds.items()
    }
    with TemporaryDirectory() as folder:
        made = os.path.join(folder, os.path.basename(output))
        save(loaded.network, made)
        network = f"{os.path.basename(path)}, tuned on labels"
        card = new_card(made, loaded, network, data, {"seed": recipe.seed, "optimizer": "AdamW"})
        card |= looks_of(model, loaded, held)
        write_card(made, card)
        after, others_after = _read(made, source.in_dir, tested, others)
        won = Won(before == data.test.labels, after == data.test.labels)
        sure = others_before >= 0
        if sure.any():
            same = int((others_before == others_after)[sure].sum())
            forgotten[OTHERS] = Forgotten(int(sure.sum()), int(sure.sum()), same)
        by = {"before": accuracy_of(won.before, data.test.labels)}
        by["after"] = accuracy_of(won.after, data.test.labels)
        print(table(by["before"], by["after"]), _say_won(won, groups, parts.test), sep="\n")
        print(say(forgotten))
        warn(forgotten)
        if not recipe.force:
            _check_better(won, forgotten)
            if os.path.exists(output):
                there, _ = _read(output, source.in_dir, tested, ())
                _check_no_worse(output, won, there == data.test.labels)
        card |= {"accuracy_before": by["before"], "accuracy": by["after"]}
        card["mcnemar"] = {"wins": won.wins, "losses": won.losses, "p": won.p}
        card["forgotten"] = {name: each.to_json() for name, each in forgotten.items()}
        _put(made, card, output)
    print(f"written: {output}")


def _say_labels(labelled: Labelled) -> None:
    for words in labelled.warnings:
        print(f"{PROGRAM}: warning: {words}", file=sys.stderr)
    digits = len(np.unique(labelled.pictures.labels))
    print(f"labelled: {len(labelled.refs)} pictures of {digits} digits")
    if labelled.left_out:
        left_out = sorted(labelled.left_out.items())
        print("left out:", ", ".join(f"{count} {why}" for why, count in left_out))


def _check_enough(labelled: Labelled, *, few: bool) -> None:
    pictures, digits = len(labelled.refs), len(np.unique(labelled.pictures.labels))
    if (pictures < FEWEST_PICTURES or digits < FEWEST_DIGITS) and not few:
        raise InputError(
            f"a tuning should have {FEWEST_PICTURES} pictures of {FEWEST_DIGITS} digits,"
            f" received {pictures} of {digits}; --few goes on with them"
        )


def _some(refs: Sequence[ImageRef], seed: int) -> list[ImageRef]:
    """At most MOST_OTHERS of `refs`, drawn."""
    drawn = np.random.default_rng(seed).permutation(len(refs))[:MOST_OTHERS]
    return [refs[place] for place in sorted(drawn)]


def _read(
    model: str, in_dir: str, tested: Sequence[ImageRef], others: Sequence[ImageRef]
) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """What a run with `model` reads `tested` as, -1 for no digit, and `others`, -1 where it is not
    sure either."""
    refs = [*tested, *others]
    names = [from_csv(ref.path) for ref in refs]
    found = predict(
        [os.path.join(in_dir, name if "://" in in_dir else to_system(name)) for name in names],
        model=model,
    )
    labels = np.array([-1 if each.label is None else each.label for each in found], int)
    sure = np.array([each.status == "ok" for each in found], bool)
    n = len(tested)
    return labels[:n], np.where(sure, labels, -1)[n:]


def _say_won(won: Won, groups: Sequence[str] | None, test: NDArray[np.intp]) -> str:
    by = f"in {len({groups[place] for place in test})} groups" if groups else "one by one"
    return (
        f"held out {by}: won {won.wins}, lost {won.losses} (McNemar's exact test: p = {won.p:.2g})"
    )


def _check_better(won: Won, forgotten: dict[str, Forgotten]) -> None:
    """Raises OutputError where the tuned model should not take the place of the one before."""
    why = ""
    if won.wins <= won.losses:
        why = "it reads no more of the held-out pictures right"
    elif won.p >= SIGNIFICANT:
        why = f"what it won may be chance (p = {won.p:.2g}): label more pictures"
    for name, most in ((AS_THEY_ARE, MOST_LOST), (OTHERS, MOST_OTHERWISE)):
        if not why and name in forgotten and forgotten[name].lost > most:
            why = f"it reads {100 * forgotten[name].lost:.1f} points of {name} otherwise"
    if why:
        raise OutputError(f"the tuned model is not written: {why}; --force writes it")


def _check_no_worse(output: str, won: Won, there: NDArray[np.bool_]) -> None:
    if there.sum() > won.after.sum():
        raise OutputError(f"{output} is better on the held-out pictures; --force replaces it")


def _put(made: str, card: Card, output: str) -> None:
    """The model at `made` and its `card` as `output`, whole or not at all."""
    with staging() as staged:
        shutil.copyfile(made, staged.add(output))
        staged.commit()
    write_card(output, card)
