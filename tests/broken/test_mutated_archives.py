"""Good archives with a few bytes changed: a picture or an error, never a crash, hang or file."""

import gzip
import time
from pathlib import Path
from random import Random
from typing import Final

import pytest

from batch_predict.errors import InputError
from batch_predict.records import ImageRef
from batch_predict.storage import MemberError, open_storage
from batch_predict.storage.archives.kinds import KINDS
from batch_predict.storage.archives.with_archives import OneArchive
from batch_predict.storage.selection import Selection
from tests.support.containers import CONTAINERS, PICTURES
from tests.support.peak import forget_own_peak, own_peak_mib

MUTANTS: Final = 2000  # of all kinds together
MOST_MIB: Final = 768  # of all of a kind, more than this process held before
MOST_CPU_S: Final = 10  # of one
MOST_READ: Final = 64 << 20  # bytes: a picture that says more is not read
WORDS: Final = (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\x80", b"\1\0")
FORMS: Final = [*KINDS, *(f"{kind}.gz" for kind in KINDS if kind in ("tar", "IDX"))]


def seed(form: str) -> bytes:
    """A good archive."""
    kind, dot, _ = form.partition(".")
    data = CONTAINERS[kind].make(PICTURES)
    return gzip.compress(data) if dot else data


def mutant(data: bytes, random: Random) -> bytes:
    """`data` after one to three changes, most of them near its beginning or its end."""
    for _ in range(random.randint(1, 3)):
        near = min(len(data), 600)
        place = random.choice(
            (
                random.randrange(near),
                len(data) - 1 - random.randrange(near),
                random.randrange(len(data)),
            )
        )
        new, length = random.choice((bytes((random.randrange(256),)), random.choice(WORDS))), 0
        match random.randrange(5):
            case 0 | 1:
                length = len(new)
            case 2:
                pass  # inserted
            case 3:
                new, length = b"", random.randint(1, 64)
            case _:
                new, length = b"", len(data) if random.random() < 0.5 else 1
        data = data[:place] + new + data[place + length :] or b"\0"
    return data


def found_and_read(file: Path) -> tuple[int, int]:
    """How many pictures are listed, and how many of these can be read."""
    storage = open_storage(str(file.parent))
    ref = storage.found(file.name)
    assert ref is not None
    source = OneArchive(str(file), storage, ref.path)
    try:
        refs = list(source.walk(Selection()))
    except InputError:
        return 0, 0
    given = [each for each in refs if each.fault is None and (each.size or 0) <= MOST_READ]
    contents = list(source.read_each(given))
    assert len(contents) == len(given)
    by_path = list(source.read_each([ImageRef(each.path) for each in given[:2]]))
    assert len(by_path) == len(given[:2])
    for content in contents:
        assert isinstance(content, bytes | MemberError), repr(content)
    return len(refs), sum(isinstance(each, bytes) for each in contents)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_few_other_bytes(form: str, tmp_path: Path) -> None:
    good, random = seed(form), Random(form)
    file = tmp_path / CONTAINERS[form.partition(".")[0]].name
    file.write_bytes(good)
    assert found_and_read(file) == (len(PICTURES), len(PICTURES))
    held_mib = forget_own_peak()
    listed = 0
    for number in range(-(-MUTANTS // len(FORMS))):
        data = mutant(good, random)
        file.write_bytes(data)
        begun = time.process_time()
        try:
            listed += found_and_read(file)[0] > 0
        except BaseException as error:
            error.add_note(f"mutant {number} of {form}")
            raise
        assert time.process_time() - begun < MOST_CPU_S
        assert list(tmp_path.iterdir()) == [file]
        assert file.read_bytes() == data
    assert listed  # else nothing was tried
    assert own_peak_mib() - held_mib < MOST_MIB
