"""`python -m train recipe`: every network of this program, one after the other, from nothing.

What lies in the folder already is left as it is, and a training that was killed goes on: so the
same command, given again, ends what it began.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from batch_predict.storage.file_hash import file_sha256

from .card import read_card
from .classifier_run import train_classifier
from .classifier_training import Recipe as ClassifierRecipe
from .evaluate import evaluate
from .export_onnx import export
from .ink_run import train_ink
from .ink_training import Recipe as InkRecipe
from .ink_training import usual_batch
from .looks_run import Recipe as LooksRecipe
from .looks_run import write_looks
from .machine import accelerated
from .ownership import is_trained
from .training_digits import write_training_digits
from .validation import VALIDATION

HOUR: Final = 3600.0  # seconds


@dataclass(frozen=True)
class Step:
    """One network, and how long it is trained: rendering before a training comes on top."""

    model: str  # the name of its file, without the suffix
    network: str  # "ink", or one of `train.registry.CLASSIFIERS`
    seconds: float  # on a CPU; all steps on two cores together are one night
    accelerated_seconds: float  # on a GPU or TPU
    teachers: tuple[str, ...] = ()  # the models that it learns from
    kept: int = 0  # batches on a CPU, see `train.classifier_training.Recipe`


STEPS: Final = (
    Step("ink", "ink", 5 * HOUR, 445),
    Step("wide", "teacher", 2 * HOUR, 75),
    Step("judge", "compact", 1.5 * HOUR, 90, ("wide",)),
    Step("digits", "screen", 0.5 * HOUR, 270, ("wide",), kept=1_500),
)
#: the models that read digits in a run: exported, and evaluated on the test set, once each
SHIPPED: Final = ("judge", "digits")
SCREEN: Final = "digits"  # the model of which the judges see what it doubts
JUDGES: Final = ("judge",)


@dataclass(frozen=True)
class Plan:
    """What the whole recipe can be asked for."""

    source: str  # of the data, as `train.data.load` takes it
    folder: str
    seed: int
    share: float  # of the usual time and number of pictures; below 1 to try it
    workers: int  # processes that render
    memory_gib: float  # for the ink network's rendered pictures


def follow(plan: Plan, say: Callable[[str], None] = print) -> None:
    """Take each of STEPS that is not done, fit the looks, export and evaluate what is SHIPPED."""
    os.makedirs(plan.folder, exist_ok=True)
    for step in STEPS:
        output = plan_path(plan, step.model)
        if is_trained(output):
            say(f"{step.model}: there already, {output}")
            continue
        seconds = plan.share * (step.accelerated_seconds if accelerated() else step.seconds)
        say(f"{step.model}: {step.network}, trained for {seconds / 60:.1f} minutes in all")
        if step.network == "ink":
            _train_ink(plan, step, seconds)
        else:
            _train_classifier(plan, step, seconds)
    _fit_looks(plan, say)
    for model in SHIPPED:
        _evaluate(plan, model, say)
    digits = write_training_digits(plan_path(plan, SCREEN), plan.source)
    say(f"{SCREEN}: runs know what it learned from, {digits}")


def _fit_looks(plan: Plan, say: Callable[[str], None]) -> None:
    screen, judges = plan_path(plan, SCREEN), [plan_path(plan, name) for name in JUDGES]
    looks = read_card(screen).get("looks", {})
    if looks.get("judges") == {os.path.basename(path): file_sha256(path) for path in judges}:
        say(f"{SCREEN}: has its judges already")
        return
    say(f"{SCREEN}: given its judges, {', '.join(JUDGES)}")
    recipe = LooksRecipe(
        screen,
        tuple(judges),
        plan_path(plan, "ink", ".onnx"),
        os.path.join(plan.folder, VALIDATION),
        min(1.0, plan.share),
        plan.workers,
    )
    write_looks(recipe, plan.source)


def _evaluate(plan: Plan, model: str, say: Callable[[str], None]) -> None:
    path = plan_path(plan, model)
    say(f"{model}: exported, {export(path)}")
    if "accuracy" in read_card(path):
        say(f"{model}: evaluated already")
    else:
        evaluate(path, plan.source)


def plan_path(plan: Plan, model: str, suffix: str = ".keras") -> str:
    """Where the plan has a model's file."""
    return os.path.join(plan.folder, f"{model}{suffix}")


def _train_ink(plan: Plan, step: Step, seconds: float) -> None:
    recipe = InkRecipe(plan.seed, seconds, 0, usual_batch(), plan.workers, plan.memory_gib)
    train_ink(recipe, plan.source, plan_path(plan, step.model))


def _train_classifier(plan: Plan, step: Step, seconds: float) -> None:
    recipe = ClassifierRecipe(
        step.network,
        plan.seed,
        seconds,
        0,
        ink=plan_path(plan, "ink", ".onnx"),
        readings=min(1.0, plan.share),
        workers=plan.workers,
        teachers=tuple(plan_path(plan, name) for name in step.teachers),
        kept=0 if accelerated() else step.kept,
        pool=plan.folder,
    )
    train_classifier(recipe, plan.source, plan_path(plan, step.model))
