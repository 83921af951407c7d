"""From a command line to the looks in a model's card: which judges see what it doubts, and when."""

import os
from dataclasses import dataclass
from functools import partial

from batch_predict.errors import UsageError
from batch_predict.runtimes.keras_runtime import load_network
from batch_predict.runtimes.model_file import ModelFile, find_alone, model_path

from .card import OF_TEST, identity, read_card, write_card
from .data import HELD_OUT_OF_RENDERED, load
from .history import work_folder
from .judging import Fitted, Heard, fit_looks
from .predict import PREDICT_BATCH, mean_answer
from .validation import VALIDATION, read_validation


@dataclass(frozen=True)
class Recipe:
    """What a fitting of looks can be asked for."""

    screen: str  # path of the model that sees every picture
    judges: tuple[str, ...]  # paths of those that see what it doubts, beside it; none: itself
    ink: str  # path of the ONNX file of the network that marks the ink
    rendered: str = ""  # folder of the readings that validate; "": beside the screen
    readings: float = 1.0  # of the usual number of rendered pictures
    workers: int = 2  # processes that render


def write_looks(recipe: Recipe, source: str) -> Fitted:
    """Fit the looks on the held-out digits of `source`, and write them into the screen's card.

    What the card says of the test set was of other answers, and is taken out.

    Raises:
        UsageError: a judge does not lie beside the screen, or is it; or see `read_rendered`.
        ModelError: a model can't be read, or is none that the job takes.
        InputError: `source` holds no usable pictures.
    """
    path = model_path(recipe.screen)
    judges = [_judge(path, model_path(judge)) for judge in recipe.judges]
    data = load(source, held_out=HELD_OUT_OF_RENDERED)
    screen = load_network(find_alone(path), PREDICT_BATCH)
    loaded = [load_network(judge, PREDICT_BATCH) for judge in judges]
    folder = recipe.rendered or os.path.join(work_folder(path), VALIDATION)
    held = read_validation(folder, data.validation, recipe.ink, recipe.readings, recipe.workers)
    heard = Heard.of(
        held, partial(mean_answer, [screen]), partial(mean_answer, loaded) if loaded else None
    )
    fitted = fit_looks(heard, {os.path.basename(judge.path): judge.sha256 for judge in judges})
    card = {name: value for name, value in read_card(path).items() if name not in OF_TEST}
    card |= {**identity(path, screen.network), "scale": screen.scale.to_json(), **fitted.to_json()}
    write_card(path, card)
    return fitted


def _judge(screen: str, judge: str) -> ModelFile:
    """The judge at a path, if the card of `screen` can name it."""
    folders = [os.path.dirname(os.path.abspath(path)) for path in (screen, judge)]
    if folders[0] != folders[1]:
        raise UsageError(f"a judge lies beside the model, in {folders[0]}, received {judge}")
    if os.path.basename(judge) == os.path.basename(screen):
        raise UsageError(f"a model is its own judge without --judges, received {judge}")
    return find_alone(judge)
