"""Train a network of the article, fine-tune one; see also its other commands: `tune`, `recipe`,
`classifier`, `looks MODEL`, `ink`, `evaluate MODEL`, `digits MODEL`, `export MODEL`."""

import argparse
import math
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from batch_predict import __version__
from batch_predict.cli_common import OVERWRITE
from batch_predict.errors import BatchPredictError, MissingExtraError, UsageError
from batch_predict.manifest.ownership import check_replaceable
from batch_predict.options import MAX_BATCH_SIZE, MAX_WORKERS
from batch_predict.runtimes.model_file import card_path, model_path

from .command import PROGRAM
from .ownership import check_export, check_model
from .registry import ARTICLE, CLASSIFIERS


def main(argv: Sequence[str] | None = None) -> int:
    """Run `argv`; an error that the user can mend is one line on stderr and its exit code."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    command = arguments.pop(0) if arguments and arguments[0] in COMMANDS else ""
    description, add_arguments, run = COMMANDS[command]
    parser = argparse.ArgumentParser(f"{PROGRAM} {command}".strip(), description=description)
    parser.add_argument("--version", action="version", version=f"batch_predict {__version__}")
    add_arguments(parser)
    options = parser.parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's start-up chatter
    try:
        with _extra():
            run(options)
    except BatchPredictError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return error.exit_code
    return 0


@contextmanager
def _extra() -> Iterator[None]:
    """Raises `MissingExtraError` in place of what Python raises where a library is missing: every
    command imports what it needs itself."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in (__name__.partition(".")[0], "batch_predict"):
            raise  # a module of ours: a bug
        raise MissingExtraError(f"training ({error.name})", "train") from error


def _from_to(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers from `least` to `most`."""

    def read(text: str) -> int:
        if not least <= (number := int(text)) <= most:
            raise argparse.ArgumentTypeError(f"from {least} to {most}, received {text[:20]}")
        return number

    return read


def _above_0(text: str) -> float:
    """The finite number above 0 that `text` is."""
    if not 0 < (number := float(text)) < math.inf:
        raise argparse.ArgumentTypeError(f"above 0, received {text[:20]}")
    return number


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        default="keras",
        metavar="SOURCE",
        help="keras (default: keras.datasets.mnist), an mnist.npz, or a folder of folders 0 to 9",
    )


def _add_length(parser: argparse.ArgumentParser) -> None:
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--seconds", type=_above_0, default=0.0, help="train so long")
    length.add_argument(
        "--steps", type=_from_to(1, 10**9), default=0, help="train so many batches instead"
    )


def _add_readings(parser: argparse.ArgumentParser) -> None:
    words = "of the usual number of pictures, so many are rendered (default: 1)"
    parser.add_argument("--readings", type=_above_0, default=1.0, metavar="SHARE", help=words)


def _add_workers(parser: argparse.ArgumentParser) -> None:
    words = "processes that render pictures (default: one less than the processor has cores)"
    parser.add_argument("--workers", type=_from_to(1, MAX_WORKERS), default=0, help=words)


def _add_memory(parser: argparse.ArgumentParser) -> None:
    words = "memory for rendered pictures (default: 4); of more, the oldest make room"
    parser.add_argument("--memory", type=_above_0, default=4.0, metavar="GIB", help=words)


def _add_overwrite(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--overwrite", action="store_true", help=OVERWRITE)


def _for_train(parser: argparse.ArgumentParser) -> None:
    start = parser.add_mutually_exclusive_group()
    start.add_argument("--network", choices=ARTICLE, default="article-code")
    start.add_argument("--init", metavar="MODEL", help="go on from this model instead")
    _add_data(parser)
    parser.add_argument("--output", required=True, metavar="MODEL", help="a .keras or .h5 file")
    parser.add_argument("--seed", type=_from_to(0, 2**32 - 1), default=1)
    parser.add_argument("--epochs", type=_from_to(1, 10**6), help="default: the network's own")
    parser.add_argument("--force", action="store_true", help="--init: replace a better output too")
    _add_elsewhere(parser, "--init: ")
    _add_overwrite(parser)


def _for_tune(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("in_dir", help="the folder, bucket or archive that was scored")
    words = "a decisions file of its run, or a table of paths and labels"
    parser.add_argument("--labels", required=True, metavar="FILE", help=words)
    words = "a table path,group; a group is held out or learned as a whole (default: by folder)"
    parser.add_argument("--groups", metavar="FILE", help=words)
    words = "go on from this model (default: digits)"
    parser.add_argument("--init", default="digits", metavar="MODEL", help=words)
    parser.add_argument("--output", required=True, metavar="MODEL", help="a .keras or .h5 file")
    parser.add_argument("--seed", type=_from_to(0, 2**32 - 1), default=1)
    parser.add_argument(
        "--few", action="store_true", help="take fewer than 50 pictures or 5 digits, too"
    )
    parser.add_argument(
        "--force", action="store_true", help="write the tuned model where it is not better, too"
    )
    _add_elsewhere(parser)
    _add_overwrite(parser)


def _add_elsewhere(parser: argparse.ArgumentParser, of: str = "") -> None:
    words = f"{of}an mnist.npz, to say what it costs there (default: Keras's copy, if it is there)"
    parser.add_argument("--mnist", metavar="SOURCE", help=words)
    words = f"{of}readings that `looks` keeps, to say what it costs there and fit its looks"
    parser.add_argument("--rendered", default="", metavar="FOLDER", help=words)


def _for_classifier(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--network", choices=CLASSIFIERS, default="compact")
    _add_data(parser)
    parser.add_argument("--output", required=True, metavar="MODEL", help="a .keras or .h5 file")
    parser.add_argument("--ink", required=True, metavar="ONNX", help="the ink network's .onnx file")
    words = "begin with the weights of this model, of the same network"
    parser.add_argument("--start", metavar="MODEL", help=words)
    words = "learn from their answers, too"
    parser.add_argument("--teacher", nargs="+", default=(), metavar="MODEL", help=words)
    parser.add_argument("--seed", type=_from_to(0, 2**32 - 1), default=1)
    _add_length(parser)
    _add_readings(parser)
    words = "make so many batches, then show them again (default: each is new); for small networks"
    parser.add_argument("--kept", type=_from_to(0, 10**6), default=0, metavar="N", help=words)
    words = (
        "where what is read of them is kept, for other trainings, too (default: beside the output)"
    )
    parser.add_argument("--pool", default="", metavar="FOLDER", help=words)
    _add_workers(parser)
    _add_overwrite(parser)


def _for_looks(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("screen", metavar="SCREEN", help="the model that sees every picture")
    words = "those that see what it doubts, beside it (default: it judges itself)"
    parser.add_argument("--judges", nargs="+", default=(), metavar="JUDGE", help=words)
    parser.add_argument("--ink", required=True, metavar="ONNX", help="the ink network's .onnx file")
    _add_data(parser)
    words = "where the readings that validate are kept (default: beside SCREEN)"
    parser.add_argument("--rendered", default="", metavar="FOLDER", help=words)
    _add_readings(parser)
    _add_workers(parser)


def _for_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL")
    _add_data(parser)
    parser.add_argument("--errors", metavar="PNG", help="draw the wrong ones on a sheet")
    _add_overwrite(parser)


def _for_digits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a .keras or .h5 file with a card")
    _add_data(parser)


def _for_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a .keras or .h5 file")
    _add_overwrite(parser)


def _for_ink(parser: argparse.ArgumentParser) -> None:
    _add_data(parser)
    parser.add_argument("--output", required=True, metavar="MODEL", help="a .keras file")
    parser.add_argument("--seed", type=_from_to(0, 2**32 - 1), default=1)
    _add_length(parser)
    words = "large pictures in a batch (default: 256 on an accelerator, else 16)"
    parser.add_argument("--batch", type=_from_to(1, MAX_BATCH_SIZE), default=0, help=words)
    _add_workers(parser)
    _add_memory(parser)
    _add_overwrite(parser)


def _for_recipe(parser: argparse.ArgumentParser) -> None:
    _add_data(parser)
    words = "where the networks and their trainings are kept; given again, it goes on there"
    parser.add_argument("--folder", required=True, help=words)
    parser.add_argument("--seed", type=_from_to(0, 2**32 - 1), default=1)
    words = "of the usual time and number of pictures (default: 1); less tries it out"
    parser.add_argument("--share", type=_above_0, default=1.0, help=words)
    _add_workers(parser)
    _add_memory(parser)


def _train(options: argparse.Namespace) -> None:
    if not options.output.endswith((".keras", ".h5")):
        raise UsageError(f"--output must end in .keras or .h5, received {options.output}")
    inputs = {"the model of --init": model_path(options.init) if options.init else None}
    check_model(options.output, inputs, overwrite=options.overwrite)
    if options.init:
        from .tune import Recipe, tune

        recipe = Recipe(
            options.init,
            options.output,
            options.seed,
            options.force,
            options.mnist,
            options.rendered,
        )
        tune(recipe, options.data)
        return
    from .article import train_article

    network, seed = options.network, options.seed
    train_article(network, options.data, options.output, seed, options.epochs)


def _tune(options: argparse.Namespace) -> None:
    if not options.output.endswith((".keras", ".h5")):
        raise UsageError(f"--output must end in .keras or .h5, received {options.output}")
    inputs = {"the model of --init": model_path(options.init)}
    inputs |= {"the labels": options.labels, "the groups": options.groups}
    check_model(options.output, inputs, overwrite=options.overwrite)
    from .trial import Source
    from .tune import Recipe
    from .tune_labels import tune_on_labels

    recipe = Recipe(
        options.init, options.output, options.seed, options.force, options.mnist, options.rendered
    )
    source = Source(options.in_dir, options.labels, options.groups, options.few)
    tune_on_labels(recipe, source)


def _classifier(options: argparse.Namespace) -> None:
    if not options.output.endswith((".keras", ".h5")):
        raise UsageError(f"--output must end in .keras or .h5, received {options.output}")
    _check_length(options)
    inputs = {"the model of --start": model_path(options.start) if options.start else None}
    inputs |= {f"the teacher {name}": model_path(name) for name in options.teacher}
    inputs |= {"the ink network": options.ink}
    check_model(options.output, inputs, overwrite=options.overwrite)
    from .classifier_run import train_classifier
    from .classifier_training import Recipe

    recipe = Recipe(
        options.network,
        options.seed,
        options.seconds,
        options.steps,
        options.ink,
        options.readings,
        options.workers or _usual_workers(),
        options.start or "",
        tuple(options.teacher),
        options.kept,
        options.pool,
    )
    train_classifier(recipe, options.data, options.output)


def _looks(options: argparse.Namespace) -> None:
    from .judging import say
    from .looks_run import Recipe, write_looks

    recipe = Recipe(
        options.screen,
        tuple(options.judges),
        options.ink,
        options.rendered,
        options.readings,
        options.workers or _usual_workers(),
    )
    print(say(write_looks(recipe, options.data)))


def _check_length(options: argparse.Namespace) -> None:
    if not options.seconds and not options.steps:
        raise UsageError("say how long to train: --seconds or --steps")


def _usual_workers() -> int:
    return max(1, (os.cpu_count() or 2) - 1)


def _recipe(options: argparse.Namespace) -> None:
    from .recipe import Plan, follow

    workers = options.workers or _usual_workers()
    follow(Plan(options.data, options.folder, options.seed, options.share, workers, options.memory))


def _ink(options: argparse.Namespace) -> None:
    if not options.output.endswith(".keras"):
        raise UsageError(f"--output must end in .keras, received {options.output}")
    _check_length(options)
    check_model(options.output, {}, overwrite=options.overwrite)
    check_export(f"{options.output.removesuffix('.keras')}.onnx", overwrite=options.overwrite)
    from .ink_run import train_ink
    from .ink_training import Recipe, usual_batch

    recipe = Recipe(
        options.seed,
        options.seconds,
        options.steps,
        options.batch or usual_batch(),
        options.workers or _usual_workers(),
        options.memory,
    )
    train_ink(recipe, options.data, options.output)


def _evaluate(options: argparse.Namespace) -> None:
    if options.errors:
        model = model_path(options.model)
        inputs = {"the model": model, "the model's card": card_path(model)}
        errors, overwrite = options.errors, options.overwrite
        check_replaceable([errors], inputs, output=errors, overwrite=overwrite)
    from .evaluate import evaluate

    evaluate(options.model, options.data, options.errors)


def _digits(options: argparse.Namespace) -> None:
    from .training_digits import write_training_digits

    print(write_training_digits(options.model, options.data))


def _export(options: argparse.Namespace) -> None:
    from .export_onnx import export

    print(export(options.model, overwrite=options.overwrite))


#: a command ("" trains as the article does) -> what it does, in words, its arguments, and the doing
COMMANDS: Final = {
    "recipe": (
        "Train every network of this program, one after the other; given again, it goes on.",
        _for_recipe,
        _recipe,
    ),
    "": (__doc__, _for_train, _train),
    "tune": (
        "Fine-tune a model on pictures that a person decided on; what is better is written.",
        _for_tune,
        _tune,
    ),
    "classifier": (
        "Train a network that reads digits on MNIST and on readings of rendered pictures by the"
        " ink network; a killed training goes on.",
        _for_classifier,
        _classifier,
    ),
    "looks": (
        "Fit which judges see what a model doubts, and when, and write it into the model's card.",
        _for_looks,
        _looks,
    ),
    "ink": (
        "Train the network that marks the ink, on rendered pictures; a killed training goes on.",
        _for_ink,
        _ink,
    ),
    "evaluate": (
        "Measure a model on the test set and write the figures into its card.",
        _for_evaluate,
        _evaluate,
    ),
    "digits": (
        "Keep hashes of the digits that a model learned from beside it, so that runs know them.",
        _for_digits,
        _digits,
    ),
    "export": (
        "Write a model's .onnx file beside it, for --runtime onnx and openvino.",
        _for_export,
        _export,
    ),
}
