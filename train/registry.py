"""The tables of networks, by name: naming them, as `--help` does, imports no Keras."""

from typing import TYPE_CHECKING, Final

from batch_predict.plugins import resolve

if TYPE_CHECKING:
    import keras

#: those that the article trains, on MNIST alone
ARTICLE: Final = {
    "article-code": "train.networks:article_code",
    "article-summary": "train.networks:article_summary",
}
#: those that learn from readings, too
CLASSIFIERS: Final = {
    "compact": "train.networks:compact",
    "compact-deep": "train.networks:compact_deep",
    "screen": "train.networks:screen",
    "teacher": "train.networks:teacher",
}
NETWORKS: Final = {**ARTICLE, **CLASSIFIERS}


def build(network: str) -> "keras.Model":
    """A new, untrained network.

    Raises:
        UsageError: NETWORKS has no such name.
    """
    model: keras.Model = resolve("network", NETWORKS, network)()
    return model
