"""A tuning's pictures: what is learned, what is held out, and what models read there.

A model is judged as a run uses it, with all its looks.
"""

import os
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict import predict
from batch_predict.plural import plural
from batch_predict.records import ImageRef
from batch_predict.report.compare import mcnemar_p
from batch_predict.storage.system_names import to_system
from batch_predict.tables.csv_paths import from_csv

from .data import Dataset
from .held_out import TEST_SHARE, groups_of, hold_out
from .labelled import Labelled, contents, pictures_of, prepared

MOST_OTHERS: Final = 600  # pictures without a label that count: some seconds


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

    def say(self, groups: int) -> str:
        """For a person; held out were so many groups, or 0: single pictures."""
        by = f"in {plural(groups, 'group')}" if groups else "one by one"
        test = f"McNemar's exact test: p = {self.p:.2g}"
        return f"held out {by}: won {self.wins}, lost {self.losses} ({test})"


class Answers(NamedTuple):
    """What a run reads pictures as."""

    labels: NDArray[np.int_]  # (n,), -1 for no digit
    sure: NDArray[np.bool_]  # (n,) whether the row is `ok`


class Trial(NamedTuple):
    """What is learned, what judges it, and what the model before reads there.

    The other pictures of the folder that the model before is sure of are learned along with those
    that were decided on, by its own answer: a network that learns what it doubted, and nothing
    else, forgets the rest.
    """

    data: Dataset
    in_dir: str
    tested: Sequence[ImageRef]  # (n,), those of `data.test`
    others: Sequence[ImageRef]  # (m,), `ok` rows without a label that are held out, too
    before: NDArray[np.int_]  # (n + m,), as `Answers.labels`
    groups: int  # that are held out; 0: pictures have none

    def judged(self, model: str) -> tuple[Won, int]:
        """What `model` won on those that were tested, and how many others it reads as before."""
        labels = _read(model, self.in_dir, [*self.tested, *self.others]).labels
        n, truth = len(self.tested), self.data.test.labels
        same = int((labels[n:] == self.before[n:]).sum())
        return Won(self.before[:n] == truth, labels[:n] == truth), same


def trial_of(labelled: Labelled, source: Source, model: str, seed: int) -> Trial:
    """What is learned and what is held out of `labelled` and of the folder's other pictures, and
    what `model` reads there."""
    in_dir, n = source.in_dir, len(labelled.refs)
    others = _some(labelled.unlabelled, seed)
    groups = groups_of([*labelled.refs, *others], source.groups)
    parts = hold_out(labelled.refs, groups[:n], seed)
    tested = [labelled.refs[place] for place in parts.test]
    before = _read(model, in_dir, [*tested, *others])
    labels = before.labels[len(tested) :].tolist()
    sure = before.sure[len(tested) :]
    held = {groups[at] for at in parts.test} - {""}
    is_held = _held_too(groups[n:], held, others)
    rehearsed = [
        ref._replace(truth=label)
        for ref, label, learns in zip(others, labels, sure & ~is_held, strict=True)
        if learns
    ]
    again = sure & is_held
    data = Dataset(
        labelled.pictures.at(parts.train).joined(
            pictures_of(prepared(in_dir, contents(in_dir, rehearsed)))
        ),
        labelled.pictures.at(parts.validation),
        labelled.pictures.at(parts.test),
        "the owner's of the pictures",
    )
    return Trial(
        data,
        in_dir,
        tested,
        [ref for ref, is_again in zip(others, again, strict=True) if is_again],
        np.concatenate([before.labels[: len(tested)], before.labels[len(tested) :][again]]),
        len(held),
    )


def _some(refs: Sequence[ImageRef], seed: int) -> list[ImageRef]:
    """At most MOST_OTHERS of `refs`, drawn."""
    drawn = np.random.default_rng(seed).permutation(len(refs))[:MOST_OTHERS]
    return [refs[place] for place in sorted(drawn)]


def _read(model: str, in_dir: str, refs: Sequence[ImageRef]) -> Answers:
    """What a run with `model` reads `refs` as."""
    names = [from_csv(ref.path) for ref in refs]
    found = predict(
        [os.path.join(in_dir, name if "://" in in_dir else to_system(name)) for name in names],
        model=model,
    )
    labels = np.array([-1 if each.label is None else each.label for each in found], int)
    return Answers(labels, np.array([each.status == "ok" for each in found], bool))


def _held_too(
    groups: Sequence[str], held: Set[str], others: Sequence[ImageRef]
) -> NDArray[np.bool_]:
    """Which of `others`, of these `groups`, are held out, too: those of groups that are `held`; of
    those without one, about as large a share as of the labelled."""
    third = np.arange(len(others)) % round(1 / TEST_SHARE) == 0
    in_held = np.array([each in held for each in groups], bool)
    return np.where(np.array(groups, str) == "", third, in_held)
