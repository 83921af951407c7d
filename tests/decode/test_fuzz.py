"""Files of every format, damaged at random: nothing escapes, nothing takes long or swells."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_predict.decode import decode
from batch_predict.records import Failure, ImageRef, Picture
from tests.support.damage import SEEDS, damaged, edits
from tests.support.peak import forget_own_peak, own_peak_mib

REF = ImageRef("7/a.png", truth=7)
FOUR_MEGAPIXELS = 4_000_000
SECONDS = 2  # of CPU time, for one file
MEMORY = 500  # MiB that one file may add


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


@settings(max_examples=400)
@fuzzed
def test_nothing_escapes(data, edits, mend):
    check(data, edits, mend)


@pytest.mark.slow
@pytest.mark.no_cover  # the few above run the same lines
@pytest.mark.timeout(600)
@settings(max_examples=20_000)
@fuzzed
def test_nothing_escapes_in_many(data, edits, mend):
    check(data, edits, mend)
