import shutil
from hashlib import sha256

import numpy as np
import pytest
from PIL import Image

from batch_predict.errors import UsageError
from train.labelled import read_labelled

HEADER = "path,content,decision,decided_at,by,note\n"
AT = "2026-11-27T08:30:00Z"


@pytest.fixture
def folder(tmp_path):
    """Six pictures in MNIST's form: a bar of another grey each."""
    (tmp_path / "in").mkdir()
    for n in range(6):
        picture = np.zeros((28, 28), np.uint8)
        picture[4:24, 12:16] = 250 - n
        Image.fromarray(picture).save(tmp_path / "in" / f"{n}.png")
    return tmp_path / "in"


def decided(folder, name, decision, at=AT, path=None):
    digest = sha256((folder / name).read_bytes()).hexdigest()
    return f"{path or name},{digest},{decision},{at},me,\n"


def labelled(folder, text, name="labels"):
    file = folder.parent / f"{name}.csv"
    file.write_text(text)
    found = read_labelled(str(folder), str(file))
    return found, {ref.path: ref.truth for ref in found.refs}


def test_digits_are_learned_and_the_rest_is_left_out(folder):
    rows = [decided(folder, f"{n}.png", each) for n, each in enumerate(("7", "none", "blank", "3"))]
    found, truths = labelled(folder, HEADER + "".join(rows))
    assert truths == {"0.png": 7, "3.png": 3}
    assert found.left_out == {'decided "none"': 1, 'decided "blank"': 1}
    assert list(found.pictures.labels) == [7, 3]
    assert found.pictures.pixels.shape == (2, 28, 28)
    assert [ref.path for ref in found.unlabelled] == ["1.png", "2.png", "4.png", "5.png"]


def test_a_decision_is_found_by_content_wherever_the_picture_lies(folder):
    rows = decided(folder, "0.png", "1") + decided(folder, "1.png", "2")
    (folder / "deep").mkdir()
    (folder / "0.png").rename(folder / "deep" / "moved.png")
    shutil.copy(folder / "2.png", folder / "1.png")  # other bytes now
    found, truths = labelled(folder, HEADER + rows)
    assert truths == {"deep/moved.png": 1}
    assert found.left_out == {"without a picture": 1}


def test_the_later_decision_counts_and_of_copies_one(folder):
    shutil.copy(folder / "0.png", folder / "copy.png")
    rows = decided(folder, "0.png", "1", "2026-11-27T09:00:00Z") + decided(folder, "0.png", "2")
    assert labelled(folder, HEADER + rows)[1] == {"0.png": 1}


def test_a_decision_is_found_in_an_archive(folder):
    shutil.make_archive(str(folder.parent / "scans"), "zip", folder)
    rows = decided(folder, "0.png", "1")
    assert labelled(folder.parent / "scans.zip", HEADER + rows)[1] == {"0.png": 1}


def test_a_table_of_labels_is_taken_too(folder):
    shutil.copy(folder / "0.png", folder / "copy.png")
    found, truths = labelled(folder, "path,label\n0.png,4\ncopy.png,4\n2.png,5\ngone.png,6\n")
    assert truths == {"0.png": 4, "2.png": 5}
    assert found.left_out == {"exact copies": 1}
    assert any("gone.png" in words for words in found.warnings)


def test_what_cannot_be_read_is_counted(folder):
    (folder / "2.png").write_bytes(b"no picture")
    found, truths = labelled(folder, HEADER + decided(folder, "2.png", "5"))
    assert truths == {}
    assert found.left_out == {"of which nothing can be read": 1}


def test_labels_that_are_not_there_are_named(folder):
    with pytest.raises(UsageError, match=r"nowhere\.csv"):
        read_labelled(str(folder), str(folder.parent / "nowhere.csv"))
    with pytest.raises(UsageError, match="line 2"):
        labelled(folder, f"{HEADER}0.png,xyz,3,{AT},,\n")
