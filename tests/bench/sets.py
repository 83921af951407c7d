"""The sets of the benchmark: how to make each, from which digits, all from a seed.

MNIST's test digits come from `$DIGITS_DATA/mnist.npz`, or else from Keras's copy; training sees
none of them.
"""

import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np

from tests.bench import boards, forms, kinds, papers, photos, published, scenes
from tests.bench.cache import cached, kept
from tests.bench.corruptions import CORRUPTIONS
from tests.bench.encodings import encoded
from tests.bench.pens import BLEEDING, SKIPPING
from tests.bench.published import Published
from tests.bench.retaken import dev_photo, retaken
from tests.bench.sample import Sample
from tests.bench.shots import png
from tests.bench.strokes import letter, pen_model_digit
from train.data import kept_mnist
from train.drawn import Difficulty, draw_digit, draw_outlier

SEED: Final = 2026
_Item = TypeVar("_Item")


class NotHadError(Exception):
    """The pictures of a set, or what they are made of, are not on this machine."""


_named = {}


def use_mnist(path):
    """Take MNIST's test digits from `path`, an npz or a folder of IDX files."""
    _named["MNIST"] = path
    mnist_test.cache_clear()


def mnist_path():
    """Where MNIST lies; raises `NotHadError`."""
    data = os.environ.get("DIGITS_DATA")
    path = _named.get("MNIST") or (os.path.join(data, "mnist.npz") if data else kept_mnist())
    if path is None or not os.path.exists(path):
        raise NotHadError("it is made of MNIST's test digits: name them by --data MNIST=mnist.npz")
    return Path(path)


@cache
def mnist_test():
    """MNIST's test digits (10000, 28, 28) and their labels; raises `NotHadError`."""
    found = published.read("MNIST", mnist_path())["MNIST"]
    return found.pixels, found.labels


def mnist_digit(rng):
    images, labels = mnist_test()
    i = rng.integers(len(labels))
    return images[i], int(labels[i])


def pen_digit(rng):
    digit = int(rng.integers(10))
    return draw_digit(rng, digit, 400), digit


def either_digit(rng):
    return (mnist_digit if rng.random() < 0.5 else pen_digit)(rng)


def no_digit(rng):
    return draw_outlier(rng, 200), None


def nothing(rng):
    return np.zeros((28, 28), np.uint8), None


def either_writer(rng):
    """A digit of MNIST's, or one of the pen model's as a thin line."""
    return (mnist_digit if rng.random() < 0.6 else pen_model_digit)(rng)


def two_digits(rng):
    return [either_writer(rng)[0] for _ in range(2)], None


def one_letter(rng):
    return [letter(rng)[0]], None


class Kind(NamedTuple):
    """How a set's pictures are made, and of whose digits: what `source` draws goes to `make`."""

    make: Callable[[np.random.Generator, Any], np.ndarray | bytes]
    source: Callable[[np.random.Generator], tuple[Any, int | None]] = mnist_digit


def _as_it_is(_, ink):
    return ink


def _dark_on_light(_, ink):
    return 255 - ink


LEVELS = (0.5, 1.0)
WRITTEN = {
    "school: plain": scenes.school,
    "school: ruled": partial(scenes.school, paper=papers.ruled),
    "school: squared": partial(scenes.school, paper=papers.squared),
    "school: squared, dotted lines between": partial(
        scenes.school, paper=partial(papers.squared, dotted=True)
    ),
    "school: squared, thin pen": scenes.thin_on_squares,
    "school: Seyes": partial(scenes.school, paper=papers.seyes),
    "form: box": forms.in_box,
    "form: comb": forms.in_comb,
    "form: table": forms.in_table,
    "form: box by hand": forms.in_hand_drawn_box,
    "form: 1-bit scan": forms.one_bit,
    "other: sticky note": boards.sticky_note,
    "other: whiteboard": boards.whiteboard,
    "other: blackboard": boards.blackboard,
    "other: screen": boards.screen_photo,
    "other: pale pencil": scenes.pale_pencil,
    "other: bleeding felt pen": partial(scenes.school, among=(BLEEDING,)),
    "other: skipping ballpoint": partial(scenes.school, among=(SKIPPING,)),
    "other: at the frame": scenes.at_the_frame,
    "other: large and thin": scenes.large_and_thin,
    "other: small and far": scenes.small_and_far,
    "other: shadow of a hand or phone": scenes.shadowed,
    "other: glare": scenes.in_glare,
    "other: saved again and again": scenes.sent_on,
    "envelopes 16x16": scenes.envelope,
    "strokes on white": scenes.traced,
}
KINDS: dict[str, Kind] = {
    "MNIST": Kind(_as_it_is),
    "pen model": Kind(_dark_on_light, pen_digit),
    "app drawings": Kind(kinds.app_drawing, either_digit),
    "USPS-like": Kind(kinds.usps),
    "church records-like": Kind(kinds.church_record),
    "church records-like 28x28": Kind(kinds.church_record_small),
    "Semeion-like": Kind(kinds.semeion),
    "optdigits-like 32x32": Kind(kinds.optdigits_32),
    "optdigits-like 8x8": Kind(kinds.optdigits_8),
    "small reductions": Kind(photos.small_reduction, either_digit),
    "tight crops": Kind(kinds.tight_crop, either_digit),
    "slanted": Kind(kinds.slanted),
    "112 encodings": Kind(encoded),
    "photos": Kind(photos.photo, either_digit),
    "slips on a table": Kind(photos.slip_on_a_table, either_digit),
    "photos retaken": Kind(retaken, dev_photo),
    "no digits": Kind(_dark_on_light, no_digit),
    "empty pages": Kind(photos.empty_page, nothing),
    **{name: Kind(make, either_writer) for name, make in WRITTEN.items()},
    "letters: on paper": Kind(scenes.school, letter),
    "letters: on squares": Kind(partial(scenes.school, paper=papers.squared), letter),
    "letters: small": Kind(scenes.small, one_letter),
    "several: on paper": Kind(scenes.two_on_paper, two_digits),
    "several: small": Kind(scenes.small, two_digits),
    **{f"corrupted: {name}": Kind(make) for name, make in CORRUPTIONS.items()},
    **{
        f"photos: {knob.name} {level}": Kind(photos.photo_with(knob.name, level), either_digit)
        for knob in fields(Difficulty)
        for level in LEVELS
    },
}


def samples(kind: Kind, rng: np.random.Generator) -> Iterator[Sample]:
    """Pictures of a kind without end."""
    while True:
        ink, label = kind.source(rng)
        made = kind.make(rng, ink)
        yield Sample(made if isinstance(made, bytes) else png(made), label)


def make_set(name: str, count: int, seed: int = SEED) -> list[Sample]:
    """The first `count` pictures of a set; with the same seed, always the same."""
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    return list(islice(samples(KINDS[name], rng), count))


def dev_set(name: str, count: int, seed: int = SEED) -> list[Sample]:
    """Up to `count` of the pictures in `$DIGITS_DATA/dev/name/<digit>/`, evenly chosen; they are
    files, whatever the seed."""
    files = sorted(Path(os.environ.get("DIGITS_DATA", "")).glob(f"dev/{name}/*/*"))
    if not files:
        raise NotHadError("development pictures are not part of the repository")
    return [
        Sample(file.read_bytes(), int(file.parent.name) if file.parent.name.isdigit() else None)
        for file in evenly(files, count)
    ]


def published_set(of: Published, count: int, seed: int = SEED) -> list[Sample]:
    """Up to `count` pictures of a published set, evenly chosen, whatever the seed."""
    places = evenly(range(len(of.labels)), count)
    return [Sample(png(of.pixels[place]), int(of.labels[place])) for place in places]


def evenly(items: Sequence[_Item], count: int) -> Sequence[_Item]:
    """Up to `count` of `items`, at equal steps from the first on."""
    return items[:: max(1, len(items) // count)][:count]


DEV = ("hwd1000", "bhmsds", "photos", "wild", "not_digits")
#: a set's name -> what makes so many of its pictures, from a seed; it raises `NotHadError`
SETS: dict[str, Callable[..., list[Sample]]] = {
    **{f"dev: {name}": partial(dev_set, name) for name in DEV},
    **{name: partial(make_set, name) for name in KINDS},
}


def makers(
    seed: int = SEED, cache: Path | None = None, only_kept: bool = False
) -> dict[str, Callable[[int], list[Sample]]]:
    """What makes up to so many pictures of each of SETS, or raises `NotHadError`.

    `cache` is a folder that keeps them; with `only_kept` none is made that it has not.
    """

    def make(name: str, count: int) -> list[Sample]:
        named = name if seed == SEED else f"{name} seed {seed}"
        if not only_kept:
            return cached(cache, named, count, partial(SETS[name], seed=seed))
        if cache is None or not (samples := kept(cache, named, count)):
            raise NotHadError("none are kept")
        return samples

    return {name: partial(make, name) for name in SETS}
