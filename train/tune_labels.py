"""`python -m train tune --labels FILE in_dir`: learn from what a person decided, if it helps.

The model as it was and the tuned one are judged on pictures that no training has seen.
"""

import os
import shutil
import sys
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from batch_predict.errors import InputError, OutputError
from batch_predict.plural import plural
from batch_predict.storage.staging import staging

from .card import Card, accuracy_of, new_card, write_card
from .command import PROGRAM
from .export import save
from .forgetting import MOST_LOST, Forgotten, say, warn
from .labelled import Labelled, read_labelled
from .readings import AS_THEY_ARE
from .trial import Source, Won, trial_of
from .tune import Recipe, begin, fit, looks_of, start, table
from .validation import load_validation

FEWEST_PICTURES: Final = 50
FEWEST_DIGITS: Final = 5
SIGNIFICANT: Final = 0.05  # p: less is not taken for chance
OTHERS: Final = "ok rows"  # a kind of picture: see `Trial.others`
MOST_OTHERWISE: Final = 0.02  # of these: some are wrong, and may be mended


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
    model, output = begin(recipe), recipe.output
    labelled = read_labelled(source.in_dir, source.labels)
    _say_labels(labelled)
    _check_enough(labelled, few=source.few)
    trial = trial_of(labelled, source, model.path, recipe.seed)
    data = trial.data
    held = load_validation(recipe.rendered) if recipe.rendered else {}
    path, loaded = start(model, data.validation)
    forgotten = fit(recipe, loaded, data, held)
    with TemporaryDirectory() as folder:
        made = os.path.join(folder, os.path.basename(output))
        save(loaded.network, made)
        network = f"{os.path.basename(path)}, tuned on labels"
        card = new_card(made, loaded, network, data, {"seed": recipe.seed, "optimizer": "AdamW"})
        card |= looks_of(model, loaded, held)
        write_card(made, card)
        won, same = trial.judged(made)
        if trial.others:
            forgotten[OTHERS] = Forgotten(len(trial.others), len(trial.others), same)
        by = [accuracy_of(each, data.test.labels) for each in (won.before, won.after)]
        print(table(*by), won.say(trial.groups), say(forgotten), sep="\n")
        warn(forgotten)
        if not recipe.force:
            _check_better(won, forgotten)
            if os.path.exists(output) and trial.judged(output)[0].after.sum() > won.after.sum():
                raise OutputError(
                    f"{output} is better on the held-out pictures; --force replaces it"
                )
        card |= {"accuracy_before": by[0], "accuracy": by[1]}
        card["mcnemar"] = {"wins": won.wins, "losses": won.losses, "p": won.p}
        card["forgotten"] = {name: each.to_json() for name, each in forgotten.items()}
        _put(made, card, output)
    print(f"written: {output}")


def _say_labels(labelled: Labelled) -> None:
    for words in labelled.warnings:
        print(f"{PROGRAM}: warning: {words}", file=sys.stderr)
    digits = len(np.unique(labelled.pictures.labels))
    print(f"labelled: {plural(len(labelled.refs))} of {plural(digits, 'digit')}")
    if labelled.left_out:
        left_out = sorted(labelled.left_out.items())
        print("left out:", ", ".join(f"{count} {why}" for why, count in left_out))


def _check_enough(labelled: Labelled, *, few: bool) -> None:
    pictures, digits = len(labelled.refs), len(np.unique(labelled.pictures.labels))
    if (pictures < FEWEST_PICTURES or digits < FEWEST_DIGITS) and not few:
        raise InputError(
            f"a tuning should have {FEWEST_PICTURES} pictures of {FEWEST_DIGITS} digits,"
            f" received {plural(pictures)} of {plural(digits, 'digit')}; --few goes on with them"
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


def _put(made: str, card: Card, output: str) -> None:
    """The model at `made` and its `card` as `output`, whole or not at all."""
    with staging() as staged:
        shutil.copyfile(made, staged.add(output))
        staged.commit()
    write_card(output, card)
