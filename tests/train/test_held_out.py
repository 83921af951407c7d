import numpy as np
import pytest

from batch_predict.errors import InputError, UsageError
from batch_predict.records import ImageRef
from train.held_out import groups_of, hold_out


def refs(*paths):
    return [ImageRef(path, content_sha256=path.encode()) for path in paths]


@pytest.mark.parametrize(
    ("paths", "groups"),
    [
        pytest.param(("ann/1.png", "bob/x/2.png", "3.png"), ["ann", "bob", ""], id="folders"),
        pytest.param(("ann/1.png", "ann/2.png"), ["", ""], id="one folder"),
        pytest.param(("./=a/1.png", "./=b/2.png"), ["=a", "=b"], id="no formulas"),
        pytest.param(("1.png", "2.png"), ["", ""], id="no folder"),
        pytest.param(("1/a.png", "2/a.png"), ["", ""], id="folders that name the digit"),
    ],
)
def test_the_groups_are_the_folders_where_these_say_more_than_the_digit(paths, groups):
    assert groups_of(refs(*paths), None) == groups


def test_a_file_of_groups_comes_first(tmp_path):
    file = tmp_path / "groups.csv"
    file.write_text("path,group\nann/1.png,monday\n")
    assert groups_of(refs("ann/1.png", "bob/2.png"), str(file)) == ["monday", ""]
    file.write_text("path\n")
    with pytest.raises(UsageError, match="line 1"):
        groups_of(refs("ann/1.png"), str(file))


def test_each_picture_is_in_one_part_and_a_third_is_held_out():
    parts = hold_out(refs(*(f"{n}.png" for n in range(300))), [""] * 300, 1)
    assert sorted(np.concatenate(parts)) == list(range(300))
    assert [len(part) for part in parts] == [160, 40, 100]


def test_a_group_is_held_out_whole_or_not_at_all():
    pictures = refs(*(f"{n}.png" for n in range(100)))
    groups = [f"writer {n % 7}" for n in range(100)]
    for seed in range(10):
        test = set(hold_out(pictures, groups, seed).test)
        held = {groups[place] for place in test}
        assert test == {place for place in range(100) if groups[place] in held}
        assert 34 <= len(test) <= 50


def test_a_large_group_is_learned_from():
    pictures = refs(*(f"{n}.png" for n in range(100)))
    parts = hold_out(pictures, ["large" if n < 70 else "small" for n in range(100)], 3)
    assert list(parts.test) == list(range(70, 100))


@pytest.mark.parametrize("groups", [["one"] * 9, ["", ""]], ids=["one group", "two pictures"])
def test_what_cannot_be_divided_is_refused(groups):
    pictures = refs(*(f"{n}.png" for n in range(len(groups))))
    with pytest.raises(InputError, match="can't be divided"):
        hold_out(pictures, groups, 1)
