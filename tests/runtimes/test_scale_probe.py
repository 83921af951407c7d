"""The search for a scale, with networks whose right one is known."""

import numpy as np
import pytest

from batch_predict.errors import ModelError
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.network import Floats, Network
from batch_predict.runtimes.scale import BYTE, COMMON, Scale
from batch_predict.runtimes.scale_probe import Told, find_scale
from tests.support.own_models import expected

MODEL = ModelFile("my.keras", "0" * 64, None, None)


def reader(scale: Scale, batch_size: int) -> Network:
    """A network that reads digits on `scale`, in batches of one size."""

    def run(values: Floats) -> tuple[Floats, ...]:
        assert values.shape == (batch_size, 28, 28, 1)
        return (expected((values - scale.low) / (scale.high - scale.low)).astype(np.float32),)

    return run


@pytest.mark.parametrize("batch_size", [1, 7, 256, 5000])
def test_batches_are_whole(batch_size: int) -> None:
    assert find_scale(reader(BYTE, batch_size), MODEL, Told(), batch_size) == BYTE


@pytest.mark.parametrize("scale", COMMON, ids=str)
def test_every_common_scale_is_found(scale: Scale) -> None:
    assert find_scale(reader(scale, 100), MODEL, Told(), 100) == scale


@pytest.mark.parametrize("answer", [0.1, np.nan])
def test_who_reads_nothing_has_no_scale_but_what_it_says(answer: float) -> None:
    def run(values: Floats) -> tuple[Floats, ...]:
        return (np.full((len(values), 10), answer, np.float32),)

    with pytest.raises(ModelError, match=r"of 50 known digits it reads 5 at most.*say them in my"):
        find_scale(run, MODEL, Told(), 100)
    assert find_scale(run, MODEL, Told(COMMON, BYTE), 100) == BYTE


def test_who_knows_its_scale_and_reads_nothing_is_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = Told((BYTE, BYTE.inverse), BYTE)
    reads = reader(BYTE, 100)
    assert find_scale(reads, MODEL, told, 100) == BYTE
    assert not caplog.messages

    def misreads(values: Floats) -> tuple[Floats, ...]:
        return (np.roll(reads(values)[0], 1, axis=1),)

    assert find_scale(misreads, MODEL, told, 100) == BYTE
    (warning,) = caplog.messages
    assert "my.keras reads digits badly: of 50 known digits it reads " in warning


def test_the_card_decides_unseen() -> None:
    def run(values: Floats) -> tuple[Floats, ...]:
        raise AssertionError("it need not be asked")

    model = ModelFile("my.keras", "0" * 64, None, None, Scale(-1, 1))
    assert find_scale(run, model, Told(), 100) == (-1, 1)
