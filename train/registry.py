"""The tables of networks, by name: naming them, as `--help` does, imports no Keras."""

from typing import TYPE_CHECKING, Final

from batch_predict.plugins import resolve

if TYPE_CHECKING:
    import keras

#: those that the article trains, on MNIST alone
ARTICLE: Final = {
    "article-code": f"{__package__}.networks:article_code",
    "article-summary": f"{__package__}.networks:article_summary",
}
#: those that learn from readings, too
CLASSIFIERS: Final = {
    "compact": f"{__package__}.networks:compact",
    "compact-deep": f"{__package__}.networks:compact_deep",
    "screen": f"{__package__}.networks:screen",
    "teacher": f"{__package__}.networks:teacher",
}
NETWORKS: Final = {**ARTICLE, **CLASSIFIERS}


def build(network: str) -> "keras.Model":
    """A new, untrained network.

    Raises:
        OptionError: NETWORKS has no such name.
    """
    model: keras.Model = resolve("network", NETWORKS, network)()
    return model
