"""What a tool costs, and networks alone as tools."""

import io

import numpy as np
import pytest
from PIL import Image

from batch_predict import Prediction
from batch_predict.runtimes.model_file import SHIPPED
from tests.bench import tools
from tests.bench.network_alone import PREPARED, Network
from tests.bench.sample import Sample
from tests.bench.tesseract import digits
from tests.bench.tools import NO_ANSWER, Answers, Measured
from tests.conftest import SAMPLES

PLAIN = sorted(SAMPLES.rglob("*.png"))[::20]


class FakeTool:
    """It takes 3 seconds a call and one a picture, and the number of bytes for the digit."""

    name, about, together = "fake", {}, 2

    def __init__(self, clock):
        self._clock = clock
        self.calls = []

    def answers(self, samples):
        self.calls.append(len(samples))
        self._clock[0] += 3 + len(samples)
        found = [Prediction(len(sample.data), 1.0, "ok", "", None) for sample in samples]
        return Answers(found, peak=100 + len(samples))


def test_pictures_come_in_calls_and_cost_what_is_beyond_a_call_of_one(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(tools, "cpu_seconds", lambda: clock[0])
    fake = FakeTool(clock)
    measured = Measured(fake, [Sample(b"x", 1)] * 3)
    assert (fake.calls, measured.call_seconds) == ([3, 1, 1], 4)
    fake.calls.clear()
    outcomes, cpu, peak = measured.score([Sample(b"x" * n, n) for n in range(5)])
    assert [o.answer.label for o in outcomes] == [0, 1, 2, 3, 4]
    assert all(o.looks is None for o in outcomes)
    assert (fake.calls, cpu, peak) == ([2, 2, 1], 3 * 3 + 5 - 3 * 4, 102)


def read(network):
    samples = [Sample(path.read_bytes(), int(path.parent.name)) for path in PLAIN]
    return [answer.label for answer in network.answers(samples).predictions]


TRUTH = [int(path.parent.name) for path in PLAIN]


@pytest.mark.parametrize("how", PREPARED)
@pytest.mark.parametrize("model", ["digits.keras", "digits.onnx"])
def test_a_network_of_either_format_reads_plain_digits(model, how):
    network = Network("digits", f"{SHIPPED}/{model}", how)
    assert read(network) == TRUTH
    assert network.about["model_bytes"] > 1 << 16
    assert len(network.about["sha256"]) == 64


def test_what_shows_nothing_or_is_no_picture_has_no_answer():
    empty = io.BytesIO()
    Image.new("L", (60, 60), 255).save(empty, "PNG")
    bad = Sample(b"no picture", 1)
    network = Network("digits", f"{SHIPPED}/digits.onnx", "by ours")
    assert network.answers([Sample(empty.getvalue(), 1), bad]).predictions == [NO_ANSWER] * 2
    naive = Network("digits", f"{SHIPPED}/digits.onnx", "naively")
    assert naive.answers([bad]).predictions == [NO_ANSWER]


def test_naively_what_is_light_is_turned():
    ink = np.zeros((56, 56), np.uint8)
    ink[10:40, 25:30] = 200
    files = []
    for pixels in (ink, 255 - ink):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        files.append(file.getvalue())
    dark, light = PREPARED["naively"](files)
    np.testing.assert_array_equal(dark, light)
    assert dark.shape == (28, 28)
    assert dark[12, 13] > 100 > dark[2, 2]


def test_of_tesseracts_words_single_digits_are_answers():
    tsv = (
        "level\tpage_num\tconf\ttext\n"
        "1\t1\t-1\t\n5\t1\t93.5\t7\n"
        "5\t2\t40\t71\n"
        "5\t3\t60\t7\n5\t3\t50\t1\n"
        '5\t4\t99\t"\n'
    )
    assert list(digits(tsv, ["a", "b", "c", "d"])) == [("a", "7", 0.935)]
