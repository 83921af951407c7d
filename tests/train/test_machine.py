import pytest

from train import machine


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param("model name : Chip 7\nflags : sse avx512f", "Chip 7, AVX-512", id="wide"),
        pytest.param("model name : Chip 7\nflags : sse avx2", "Chip 7", id="narrow"),
        pytest.param("BogoMIPS : 50.00", "aarch64", id="without a name"),
        pytest.param(None, "aarch64", id="not told"),
    ],
)
def test_the_processor_is_named(monkeypatch, tmp_path, told, expected):
    path = tmp_path / "cpuinfo"
    if told is not None:
        path.write_text(told)
    monkeypatch.setattr(machine, "CPU_INFO", str(path))
    monkeypatch.setattr(machine.platform, "machine", lambda: "aarch64")
    assert machine.machine()["processor"] == expected
