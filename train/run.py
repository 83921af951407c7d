"""From a command line to a model and its card."""

import argparse

from train.calibrate import review_threshold
from train.card import accuracy, identity, versions, write_card
from train.data import load
from train.export import save
from train.fit import ARTICLE_BATCH, fit_article, predict


def train_article(options: argparse.Namespace) -> None:
    """Train one of the article's networks, save it, write its card and print its test accuracy."""
    data = load(options.data, options.seed)
    fitted = fit_article(options.network, data, options.seed, options.epochs)
    save(fitted.model, options.output)
    result = accuracy(predict(fitted.model, data.test), data.test.labels)
    write_card(
        options.output,
        {
            "network": options.network,
            **identity(options.output, fitted.model),
            "data": {"sha256": data.sha256(), "licence": data.licence, "split": data.sizes()},
            "training": {
                "seed": options.seed,
                "epochs": options.epochs,
                "batch_size": ARTICLE_BATCH,
                "optimizer": "Adam",
                "loss": "categorical cross-entropy",
                "seconds": round(fitted.seconds),
            },
            "review_below": review_threshold(predict(fitted.model, data.validation)),
            "accuracy": result,
            "versions": versions(),
        },
    )
    low, high = result["interval_95"]
    print(f"test accuracy {result['value']:.2%} (n={result['n']}, 95% {low:.2%} to {high:.2%})")
