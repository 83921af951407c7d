"""WebDataset's samples in a tar: the label of each picture, and what is said of the others."""

import io
import tarfile
from collections.abc import Sequence

import pytest

from batch_predict.records import ImageRef
from batch_predict.storage.archives import Label, Member
from batch_predict.storage.archives.archive import Beside
from batch_predict.storage.archives.kinds import open_archive
from batch_predict.truth import Truth
from batch_predict.truth.in_path import DigitFolders


def archive(members: Sequence[tuple[str, bytes]]) -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    out.seek(0)
    return out


def truths(members: Sequence[tuple[str, bytes]]) -> tuple[dict[str, int | None], dict[str, int]]:
    """The truth of each picture, and how often something is odd."""
    truth = Truth([DigitFolders()])
    refs = []
    for found in open_archive("tar", archive(members), Beside("", lambda _: None)).members():
        if isinstance(found, Label):
            truth.in_archive.add(found)
        elif isinstance(found, Member):
            refs.append(ImageRef(found.name, truth=found.truth, place=found.place))
    pictures = (ref for ref in refs if ref.path.endswith("png"))
    known = {ref.path: truth.of(ref.path, truth.in_archive.of(ref)) for ref in pictures}
    return known, {found.what: found.count for found in truth.findings()}


WITHOUT = "pictures without truth"
UNUSED = "labels in the archive without a picture"
DIFFERENT = "different labels of one picture in the archive (not used)"
NO_DIGIT = "labels in the archive that are not 0 to 9 (not used)"


@pytest.mark.parametrize(
    ("members", "expected", "odd"),
    [
        pytest.param([("a.cls", b"3"), ("a.png", b"")], {"a.png": 3}, {}, id="before"),
        pytest.param([("a.png", b""), ("a.cls", b"07\n")], {"a.png": 7}, {}, id="after"),
        pytest.param([("a.CLS", b"3"), ("a.png", b"")], {"a.png": 3}, {}, id="capitals"),
        pytest.param([("./a.cls", b"3"), ("a.png", b"")], {"a.png": 3}, {}, id="dot-slash"),
        pytest.param(
            [("a.png", b""), ("a.cls", b"3"), ("a.seg.png", b"")],
            {"a.png": 3, "a.seg.png": 3},
            {},
            id="several-pictures",
        ),
        pytest.param(
            [("a.cls", b"3"), ("b.cls", b"4"), ("b.png", b""), ("a.png", b"")],
            {"b.png": 4, "a.png": 3},
            {},
            id="apart",
        ),
        pytest.param(
            [("a.png", b""), ("b.png", b""), ("a.cls", b"3"), ("b.cls", b"4")],
            {"a.png": 3, "b.png": 4},
            {},
            id="all-after",
        ),
        pytest.param(
            [("x/a.png", b""), ("y/a.cls", b"3")],
            {"x/a.png": None},
            {UNUSED: 1, WITHOUT: 1},
            id="of-another-folder",
        ),
        pytest.param(
            [("7/a.png", b""), ("7/b.png", b"")], {"7/a.png": 7, "7/b.png": 7}, {}, id="no"
        ),
        pytest.param([("a.json", b'{"label": 3}'), ("a.png", b"")], {"a.png": 3}, {}, id="json"),
        pytest.param(
            [("a.json", b'{"cls": "3"}'), ("a.png", b"")], {"a.png": 3}, {}, id="json-cls"
        ),
        pytest.param([("a.json", b"3.0"), ("a.png", b"")], {"a.png": 3}, {}, id="json-number"),
        pytest.param(
            [("a.json", b'{"caption": "3"}'), ("a.png", b"")],
            {"a.png": None},
            {WITHOUT: 1},
            id="json-of-another-thing",
        ),
        pytest.param(
            [("a.json", b"[" * 60_000), ("a.png", b"")],
            {"a.png": None},
            {NO_DIGIT: 1, WITHOUT: 1},
            id="json-nested",
        ),
        pytest.param(
            [("a.cls", b"cat"), ("a.png", b"")],
            {"a.png": None},
            {NO_DIGIT: 1, WITHOUT: 1},
            id="no-digit",
        ),
        pytest.param(
            [("a.cls", b"12"), ("a.json", b"3"), ("a.png", b"")],
            {"a.png": 3},
            {NO_DIGIT: 1},
            id="one-of-two",
        ),
        pytest.param(
            [("a.cls", b"3"), ("a.json", b"4"), ("a.png", b"")],
            {"a.png": None},
            {DIFFERENT: 1, WITHOUT: 1},
            id="different",
        ),
        pytest.param(
            [("a.cls", b"3"), ("a.png", b""), ("b.png", b""), ("a.json", b"4")],
            {"a.png": None, "b.png": None},
            {DIFFERENT: 1, WITHOUT: 2},
            id="different-apart",
        ),
        pytest.param(
            [("a.cls", b"3"), ("a.png", b""), ("b.png", b""), ("a.json", b"3")],
            {"a.png": 3, "b.png": None},
            {WITHOUT: 1},
            id="the-same-apart",
        ),
        pytest.param([("a.cls", b"3"), ("a.txt", b"")], {}, {UNUSED: 1}, id="no-picture"),
        pytest.param(
            [("1.cls", b"3"), *((f"1.{n}.png", b"") for n in range(1100))],
            {f"1.{n}.png": 3 for n in range(1100)},
            {},
            id="more-than-are-held",
        ),
        pytest.param(
            [*((f"1.{n}.png", b"") for n in range(1100)), ("1.cls", b"3")],
            {f"1.{n}.png": 3 for n in range(1100)},
            {},
            id="after-more-than-are-held",
        ),
    ],
)
def test_a_picture_has_the_label_of_its_sample(
    members: list[tuple[str, bytes]], expected: dict[str, int | None], odd: dict[str, int]
) -> None:
    assert truths(members) == (expected, odd)


def test_labels_that_are_not_used_are_warned_of() -> None:
    truth = Truth([DigitFolders()])
    truth.in_archive.add(Label("a.cls", "a", 3))
    truth.in_archive.add(Label("b.cls", "b", None))
    assert truth.warnings() == (
        "labels in the archive: 1 label fits no picture, e.g. a.cls",
        "labels in the archive: 1 label is not 0 to 9, e.g. b.cls",
    )
