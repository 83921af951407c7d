"""What an audit's answers say of a part of its pictures, worked by hand."""

import numpy as np
import pytest

from batch_predict.audit.cells import Cells, Sample, cells_of_domain

#: one picture of the first stratum, four of the second, none of the third
SAMPLE = Sample(np.array([0, 1, 1, 1, 1]), np.array([100.0, 300.0, 600.0]))
DOMAIN = np.array([True, True, True, False, False])
EVENTS = np.array([True, True, False, True, False])


def test_a_domain_has_the_share_of_each_stratum_that_its_sample_has() -> None:
    """And of one of which nothing was drawn the share that the others have, 250 of 400."""
    cells = cells_of_domain(SAMPLE, DOMAIN, EVENTS, EVENTS)
    assert cells.sizes.tolist() == [100, 150, 375]
    assert cells.drawn.tolist() == [1, 2, 0]
    assert cells.least.tolist() == cells.most.tolist() == [1, 1, 0]


def test_how_much_these_sizes_may_be_off_adds_to_the_variance() -> None:
    """Of the first stratum all is in the domain; in the second a half, 0.2 below the whole's 0.7.

    There, each picture stands for 75; two, half of which are in the domain, of 4 in 300.
    """
    cells = cells_of_domain(SAMPLE, DOMAIN, EVENTS, EVENTS)
    spread = 75**2 * 2 * (1 - 2 / 4) * 0.2**2 * (1 - 4 / 300)
    assert cells.between == pytest.approx(spread / 625**2)


def test_the_estimate_is_of_what_could_be_told() -> None:
    """Of ten, one is an event for certain and four may be; of ten others all can be told."""
    least, most, drawn = (np.array(each, float) for each in ([1, 2], [5, 2], [10, 10]))
    cells = Cells(least, most, drawn, np.array([100.0, 300.0]))
    assert cells.estimate == pytest.approx((100 * 1 / 6 + 300 * 2 / 10) / 400)


def test_of_a_domain_that_nobody_has_seen_all_is_possible() -> None:
    nothing = np.full(5, False)
    cells = cells_of_domain(SAMPLE, nothing, EVENTS, EVENTS)
    assert (cells.estimate, cells.interval, cells.upper_end()) == (None, (0, 1), 1)
