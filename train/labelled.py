"""Pictures of a folder that a person labelled: by decisions on a run, or by a table of labels."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

import numpy as np

from batch_predict.decisions.decision import latest
from batch_predict.decisions.decisions_file import HEADER, read_decisions
from batch_predict.errors import UsageError
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.options import MAX_PIXELS
from batch_predict.prepare import Prepare
from batch_predict.records import SIDE, ImageRef, Prepared
from batch_predict.storage import locate, open_input
from batch_predict.storage.selection import Selection
from batch_predict.truth.resolve import find_truth

from .data import Pictures
from .marking import marked

_MARK: Final = b"\xef\xbb\xbf"  # Excel begins a file of UTF-8 with it
_GONE: Final = "without a picture"
_UNREAD: Final = "of which nothing can be read"
_COPY: Final = "exact copies"


class Labelled(NamedTuple):
    """What a training may learn from."""

    refs: tuple[ImageRef, ...]  # (n,) by path, each with its truth and content
    pictures: Pictures  # (n, ...) theirs, as the job prepares them
    left_out: Mapping[str, int]  # why -> how many labels
    warnings: tuple[str, ...]  # about a table of labels
    unlabelled: tuple[ImageRef, ...]  # the other pictures, in the order of the walk


class _Odd(NamedTuple):
    """What is odd about the labels, as it is found."""

    left_out: Counter[str]
    warnings: list[str]


class Found(NamedTuple):
    """A picture file that was read."""

    ref: ImageRef  # with its truth
    content: bytes  # of its file


def read_labelled(in_dir: str, labels: str) -> Labelled:
    """The pictures in `in_dir` that `labels` names, a decisions file or a table of labels.

    Decisions are found by their content, wherever a picture lies now; of exact copies one counts,
    so that none is held out while another is learned. Decisions that are no digit are left out: a
    network has no class for them, and a tuned one goes by the ink network's answer there.

    Raises:
        UsageError: `labels` can't be taken.
        InputError: `in_dir` can't be listed.
    """
    refs = list(open_input(in_dir).walk(Selection()))
    odd = _Odd(Counter(), [])
    find = _decided if _is_decisions(labels) else _in_table
    found = list(find(in_dir, labels, refs, odd))
    items = prepared(in_dir, found)
    if len(items) < len(found):
        odd.left_out[_UNREAD] += len(found) - len(items)
    named = {each.ref.path for each in found}
    others = tuple(ref for ref in refs if ref.path not in named)
    labelled = tuple(item.ref for item in items)
    return Labelled(labelled, pictures_of(items), odd.left_out, tuple(odd.warnings), others)


def prepared(in_dir: str, files: Iterable[Found]) -> list[Prepared]:
    """What the job's first look sees of `files`, by path; those of which it sees nothing are left
    out."""
    prepare = Prepare(in_dir, MAX_PIXELS, Preprocess.AUTO, Polarity.AUTO)
    items = marked(prepare.of_content(ref, content) for ref, content in files)
    seen = (item for item in items if isinstance(item, Prepared))
    return sorted(seen, key=lambda item: item.ref.path)


def pictures_of(items: Sequence[Prepared]) -> Pictures:
    """`items`, whose refs have truth, to learn from."""
    pixels = np.array([item.pixels for item in items], np.uint8).reshape(-1, SIDE, SIDE)
    return Pictures(pixels, np.array([item.ref.truth for item in items], np.uint8))


def _is_decisions(address: str) -> bool:
    try:
        storage, name = locate(address)
        file = storage.open(name)
        if file is None:
            raise UsageError(f"--labels {address}: there is no such file")
        with file:
            first = file.readline(1000).removeprefix(_MARK)
    except OSError as error:
        raise UsageError(f"--labels {address}: {error.strerror}") from error
    return first.rstrip(b"\r\n").decode(errors="replace") == ",".join(HEADER)


def _decided(in_dir: str, address: str, refs: list[ImageRef], odd: _Odd) -> Iterator[Found]:
    """The pictures on which a digit was decided: each content once, where it is found first."""
    file = read_decisions(address)
    rows = file.rows if file else ()
    digits = {}
    for digest, decided in latest(rows).items():
        if decided.decision.digit is None:
            odd.left_out[f'decided "{decided.decision}"'] += 1
        else:
            digits[digest] = decided.decision.digit
    hinted = {row.path for row in rows}
    looked = sorted(refs, key=lambda ref: ref.path not in hinted)  # what has moved takes a search
    for ref, content in contents(in_dir, looked):
        if not digits:
            break
        digit = digits.pop(sha256(content).hexdigest(), None)
        if digit is not None:
            yield Found(ref._replace(truth=digit), content)
    if digits:
        odd.left_out[_GONE] += len(digits)


def _in_table(in_dir: str, address: str, refs: list[ImageRef], odd: _Odd) -> Iterator[Found]:
    """The pictures that a table of labels names; of exact copies the first."""
    truth = find_truth(in_dir, address, None)
    truth.match(lambda: (ref.path for ref in refs))
    if truth.labels_file is not None:
        odd.warnings.extend(truth.labels_file.warnings())
    known = [ref._replace(truth=digit) for ref in refs if (digit := truth.of(ref.path)) is not None]
    seen = set()
    for ref, content in contents(in_dir, known):
        digest = sha256(content).digest()
        if digest in seen:
            odd.left_out[_COPY] += 1
        else:
            seen.add(digest)
            yield Found(ref, content)


def contents(in_dir: str, refs: Iterable[ImageRef]) -> Iterator[Found]:
    """`refs` with what their files hold; those that can't be read are passed over."""
    refs = list(refs)
    for ref, content in zip(refs, open_input(in_dir).read_each(refs), strict=False):
        if isinstance(content, bytes):
            yield Found(ref, content)
