"""Files of every format, damaged at random: nothing escapes, nothing takes long or swells."""

import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batch_predict.decode import decode
from batch_predict.records import Failure, ImageRef, Picture
from tests.broken.files import BROKEN, chunk
from tests.decode.every_encoding import ENCODINGS
from tests.decode.test_encodings import DIGITS
from tests.support.peak import forget_own_peak, own_peak_mib

REF = ImageRef("7/a.png", truth=7)
FOUR_MEGAPIXELS = 4_000_000
SECONDS = 2  # of CPU time, for one file
MEMORY = 500  # MiB that one file may add
SEEDS = [made.make(DIGITS[7]) for made in (*ENCODINGS, *BROKEN) if "-bomb" not in made.name]

WORDS = [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\7\xd0", b"\xd0\7\0\0"]
places = st.one_of(st.integers(0, 120), st.integers(0, 1 << 16))
patches = st.one_of(st.binary(min_size=1, max_size=4), st.sampled_from(WORDS))
edits = st.one_of(
    st.tuples(st.just("write"), places, patches),
    st.tuples(st.just("insert"), places, patches),
    st.tuples(st.just("delete"), places, st.integers(1, 64)),
    st.tuples(st.just("cut"), places, st.none()),
)


def damaged(data, edits, *, mend):
    data = bytearray(data)
    for kind, place, what in edits:
        at = place % (len(data) + 1)
        match kind:
            case "write":
                data[at : at + len(what)] = what
            case "insert":
                data[at:at] = what
            case "delete":
                del data[at : at + what]
            case "cut":
                del data[at:]
    return with_good_checksums(bytes(data)) if mend else bytes(data)


def with_good_checksums(data):
    """A PNG whose checksums are right for what its chunks hold, so that the damage gets through."""
    if not data.startswith(b"\x89PNG"):
        return data
    mended, at = data[:8], 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if at + 12 + length > len(data):
            break
        mended += chunk(data[at + 4 : at + 8], data[at + 8 : at + 8 + length])
        at += 12 + length
    return mended + data[at:]


def check(data, edits, mend):
    file = damaged(data, edits, mend=mend)
    forget_own_peak()
    held, begun = own_peak_mib(), time.process_time()
    seen = decode(REF, file, FOUR_MEGAPIXELS)
    assert time.process_time() - begun < SECONDS
    assert own_peak_mib() - held < MEMORY
    assert isinstance(seen, Picture | Failure)
    if isinstance(seen, Picture):
        assert seen.pixels.dtype == np.uint8
        assert seen.pixels.ndim == 2 or seen.pixels.shape[2:] == (3,)
        assert 0 < seen.pixels.shape[0] * seen.pixels.shape[1] <= FOUR_MEGAPIXELS


fuzzed = given(st.sampled_from(SEEDS), st.lists(edits, min_size=1, max_size=6), st.booleans())


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@fuzzed
def test_nothing_escapes(data, edits, mend):
    check(data, edits, mend)


@pytest.mark.slow
@pytest.mark.timeout(600)
@settings(max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@fuzzed
def test_nothing_escapes_in_many(data, edits, mend):
    check(data, edits, mend)
