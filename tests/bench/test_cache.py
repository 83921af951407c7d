"""Pictures that are kept are those that were made, and are made once."""

from tests.bench.cache import cached, kept
from tests.bench.sample import Sample

SAMPLES = [Sample(b"\x89PNG", 3), Sample(b"", None), Sample(b"JPEG" * 100, 0)]


def test_a_set_is_made_once_for_each_count(tmp_path):
    made = []

    def make(count):
        made.append(count)
        return SAMPLES[:count]

    folder = tmp_path / "cache"
    for count in (3, 3, 2):
        assert cached(folder, "photos: jpeg 0.5", count, make) == SAMPLES[:count]
    assert made == [3, 2]


def test_without_a_folder_nothing_is_kept():
    assert cached(None, "name", 2, lambda count: SAMPLES[:count]) == SAMPLES[:2]


def test_a_set_that_could_not_be_made_is_not_there(tmp_path):
    def fail(count):
        raise KeyboardInterrupt

    for make in (fail, lambda count: SAMPLES):
        try:
            found = cached(tmp_path, "name", 3, make)
        except KeyboardInterrupt:
            continue
    assert found == SAMPLES


def test_what_is_kept_of_a_set_is_chosen_evenly(tmp_path):
    many = [Sample(bytes([number]), number) for number in range(10)]
    for count in (4, 10):
        cached(tmp_path, "form: box", count, lambda count: many[:count])
    cached(tmp_path, "form: box by hand", 3, lambda count: SAMPLES)
    assert [one.label for one in kept(tmp_path, "form: box", 2)] == [0, 2]
    assert [one.label for one in kept(tmp_path, "form: box", 5)] == [0, 2, 4, 6, 8]
    assert kept(tmp_path, "form: box", 1000) == many
    assert kept(tmp_path, "form: table", 1000) == []
