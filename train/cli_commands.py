"""What each command of a training takes, and how it is begun; `cli` has the table of them.

What a command needs is imported when it runs: `--help` and a bad argument answer at once. With
it comes Keras, and TensorFlow logs to the descriptor of stderr as it starts: `quiet_stderr`.
"""

import argparse
from typing import Final

from batch_predict.cli_common import whole_number
from batch_predict.manifest.ownership import check_replaceable
from batch_predict.options import MAX_BATCH_SIZE
from batch_predict.process.held_stderr import quiet_stderr
from batch_predict.runtimes.model_file import card_path, model_path

from .cli_arguments import (
    above_0,
    add_data,
    add_elsewhere,
    add_length,
    add_memory,
    add_output,
    add_overwrite,
    add_readings,
    add_seed,
    add_workers,
    check_length,
    workers_of,
)
from .ownership import check_export, check_model
from .registry import ARTICLE, CLASSIFIERS

INK_FILES: Final = (".keras",)


def for_train(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    start = parser.add_mutually_exclusive_group()
    start.add_argument("--network", choices=ARTICLE, default="article-code")
    start.add_argument("--init", metavar="MODEL", help="go on from this model instead")
    add_data(parser)
    add_output(parser)
    add_seed(parser)
    parser.add_argument("--epochs", type=whole_number(1, 10**6), help="default: the network's own")
    parser.add_argument("--force", action="store_true", help="--init: replace a better output too")
    add_elsewhere(parser, "--init: ")
    add_overwrite(parser)


def run_train(options: argparse.Namespace) -> None:
    """Train as the article does, or with --init fine-tune; see `cli` for what --help says."""
    inputs = {"the model of --init": model_path(options.init) if options.init else None}
    check_model(options.output, inputs, overwrite=options.overwrite)
    if options.init:
        with quiet_stderr():
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
    with quiet_stderr():
        from .article import train_article

    network, seed = options.network, options.seed
    train_article(network, options.data, options.output, seed, options.epochs)


def for_tune(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("in_dir", help="the folder, bucket or archive that was scored")
    words = "a decisions file of its run, or a table of paths and labels"
    parser.add_argument("--labels", required=True, metavar="FILE", help=words)
    words = "a table path,group; a group is held out or learned as a whole (default: by folder)"
    parser.add_argument("--groups", metavar="FILE", help=words)
    words = "go on from this model (default: digits)"
    parser.add_argument("--init", default="digits", metavar="MODEL", help=words)
    add_output(parser)
    add_seed(parser)
    parser.add_argument(
        "--few", action="store_true", help="take fewer than 50 pictures or 5 digits, too"
    )
    parser.add_argument(
        "--force", action="store_true", help="write the tuned model where it is not better, too"
    )
    add_elsewhere(parser)
    add_overwrite(parser)


def run_tune(options: argparse.Namespace) -> None:
    """Fine-tune a model on pictures that a person decided on; what is better is written."""
    inputs = {"the model of --init": model_path(options.init)}
    inputs |= {"the labels": options.labels, "the groups": options.groups}
    check_model(options.output, inputs, overwrite=options.overwrite)
    with quiet_stderr():
        from .trial import Source
        from .tune import Recipe
        from .tune_labels import tune_on_labels

    recipe = Recipe(
        options.init, options.output, options.seed, options.force, options.mnist, options.rendered
    )
    source = Source(options.in_dir, options.labels, options.groups, options.few)
    tune_on_labels(recipe, source)


def for_classifier(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("--network", choices=CLASSIFIERS, default="compact")
    add_data(parser)
    add_output(parser)
    parser.add_argument("--ink", required=True, metavar="ONNX", help="the ink network's .onnx file")
    words = "begin with the weights of this model, of the same network"
    parser.add_argument("--start", metavar="MODEL", help=words)
    words = "learn from their answers, too"
    parser.add_argument("--teacher", nargs="+", default=(), metavar="MODEL", help=words)
    add_seed(parser)
    add_length(parser)
    add_readings(parser)
    words = "make so many batches, then show them again (default: each is new); for small networks"
    parser.add_argument("--kept", type=whole_number(0, 10**6), default=0, metavar="N", help=words)
    words = (
        "where what is read of them is kept, for other trainings, too (default: beside the output)"
    )
    parser.add_argument("--pool", default="", metavar="FOLDER", help=words)
    add_workers(parser)
    add_overwrite(parser)


def run_classifier(options: argparse.Namespace) -> None:
    """Train a network that reads digits on MNIST and on readings of rendered pictures by the
    ink network; a killed training goes on."""
    check_length(options)
    inputs = {"the model of --start": model_path(options.start) if options.start else None}
    inputs |= {f"the teacher {name}": model_path(name) for name in options.teacher}
    inputs |= {"the ink network": options.ink}
    check_model(options.output, inputs, overwrite=options.overwrite)
    with quiet_stderr():
        from .classifier_run import train_classifier
        from .classifier_training import Recipe

    recipe = Recipe(
        options.network,
        options.seed,
        options.seconds,
        options.steps,
        options.ink,
        options.readings,
        workers_of(options),
        options.start or "",
        tuple(options.teacher),
        options.kept,
        options.pool,
    )
    train_classifier(recipe, options.data, options.output)


def for_looks(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("screen", metavar="SCREEN", help="the model that sees every picture")
    words = "those that see what it doubts, beside it (default: it judges itself)"
    parser.add_argument("--judges", nargs="+", default=(), metavar="JUDGE", help=words)
    parser.add_argument("--ink", required=True, metavar="ONNX", help="the ink network's .onnx file")
    add_data(parser)
    words = "where the readings that validate are kept (default: beside SCREEN)"
    parser.add_argument("--rendered", default="", metavar="FOLDER", help=words)
    add_readings(parser)
    add_workers(parser)


def run_looks(options: argparse.Namespace) -> None:
    """Fit which judges see what a model doubts, and when, and write it into the model's card."""
    with quiet_stderr():
        from .judging import say
        from .looks_run import Recipe, write_looks

    recipe = Recipe(
        options.screen,
        tuple(options.judges),
        options.ink,
        options.rendered,
        options.readings,
        workers_of(options),
    )
    print(say(write_looks(recipe, options.data)))


def for_ink(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_data(parser)
    add_output(parser, INK_FILES)
    add_seed(parser)
    add_length(parser)
    words = "large pictures in a batch (default: 256 on an accelerator, else 16)"
    parser.add_argument("--batch", type=whole_number(1, MAX_BATCH_SIZE), default=0, help=words)
    add_workers(parser)
    add_memory(parser)
    add_overwrite(parser)


def run_ink(options: argparse.Namespace) -> None:
    """Train the network that marks the ink, on rendered pictures; a killed training goes on."""
    check_length(options)
    check_model(options.output, {}, overwrite=options.overwrite)
    check_export(f"{options.output.removesuffix('.keras')}.onnx", overwrite=options.overwrite)
    with quiet_stderr():
        from .ink_run import train_ink
        from .ink_training import Recipe, usual_batch

    recipe = Recipe(
        options.seed,
        options.seconds,
        options.steps,
        options.batch or usual_batch(),
        workers_of(options),
        options.memory,
    )
    train_ink(recipe, options.data, options.output)


def for_recipe(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    add_data(parser)
    words = "where the networks and their trainings are kept; given again, it goes on there"
    parser.add_argument("--folder", required=True, help=words)
    add_seed(parser)
    words = "of the usual time and number of pictures (default: 1); less tries it out"
    parser.add_argument("--share", type=above_0, default=1.0, help=words)
    add_workers(parser)
    add_memory(parser)


def run_recipe(options: argparse.Namespace) -> None:
    """Train every network of this program, one after the other; given again, it goes on."""
    with quiet_stderr():
        from .recipe import Plan, follow

    workers = workers_of(options)
    follow(Plan(options.data, options.folder, options.seed, options.share, workers, options.memory))


def for_evaluate(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("model", metavar="MODEL")
    add_data(parser)
    parser.add_argument("--errors", metavar="PNG", help="draw the wrong ones on a sheet")
    add_overwrite(parser)


def run_evaluate(options: argparse.Namespace) -> None:
    """Measure a model on the test set and write the figures into its card."""
    if options.errors:
        model = model_path(options.model)
        inputs = {"the model": model, "the model's card": card_path(model)}
        errors, overwrite = options.errors, options.overwrite
        check_replaceable([errors], inputs, output=errors, overwrite=overwrite)
    with quiet_stderr():
        from .evaluate import evaluate

    evaluate(options.model, options.data, options.errors)


def for_digits(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("model", metavar="MODEL", help="a .keras or .h5 file with a card")
    add_data(parser)


def run_digits(options: argparse.Namespace) -> None:
    """Keep hashes of the digits that a model learned from beside it, so that runs know them."""
    with quiet_stderr():
        from .training_digits import write_training_digits

    print(write_training_digits(options.model, options.data))


def for_export(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("model", metavar="MODEL", help="a .keras or .h5 file")
    add_overwrite(parser)


def run_export(options: argparse.Namespace) -> None:
    """Write a model's .onnx file beside it, for --runtime onnx and openvino."""
    with quiet_stderr():
        from .export_onnx import export

    print(export(options.model, overwrite=options.overwrite))
