"""The table of what each part gives."""

import os

import pytest

from batch_predict.normalize import letterbox
from tests.bench.parts import SIZES, lines


@pytest.mark.slow
@pytest.mark.data
def test_a_line_for_each_size_and_one_for_small_pictures() -> None:
    mnist = os.path.join(os.environ["DIGITS_DATA"], "mnist.npz")
    head, _, *table = lines(mnist, "digits", 20)
    assert head == "| pictures | side | map | class head | both |"
    assert [line.split(" | ")[1] for line in table] == [*map(str, SIZES), "64"]
    assert letterbox.LARGE == 192
