"""Labels whose path is no picture's as it stands."""

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_predict.tables.csv_paths import to_csv
from batch_predict.truth.folding import (
    _UNUSUAL,
    BY_END,
    FOLDS,
    Folded,
    Folding,
    _folded_label,
    _folded_picture,
)

E_COMPOSED, E_APART = unicodedata.normalize("NFC", "é"), unicodedata.normalize("NFD", "é")


def fold(labels: list[str], pictures: list[str]) -> Folded:
    """What is found of `labels` among pictures of these names, as the system has them."""
    paths = [to_csv(name) for name in pictures]
    folding = Folding(enumerate(labels), {path.count("/") for path in paths})
    for path in paths:
        folding.see(path)
    return folding.result()


@pytest.mark.parametrize(
    ("label", "picture", "how"),
    [
        pytest.param(f"{E_COMPOSED}.png", f"{E_APART}.png", "in another Unicode form", id="nfd"),
        pytest.param(
            f"x/{E_APART}.png", f"x/{E_COMPOSED}.png", "in another Unicode form", id="nfc"
        ),
        pytest.param(f"{E_COMPOSED}.png", f"x/{E_APART}.png", "in another Unicode form", id="bare"),
        pytest.param(os.fsdecode(b"\xe9 \x80.png"), "é €.png", "in Windows-1252", id="excel"),
        pytest.param("3\\b.png", "3/b.png", "with backslashes", id="backslash"),
        pytest.param(".\\3\\xff.png", "3/xff.png", "with backslashes", id="no-escape"),
        pytest.param("3/b.png", "3\\b.png", "with backslashes", id="unpacked-from-windows"),
        pytest.param("3/ b  c.png", "3/b c.png", "with other spaces", id="spaces"),
        pytest.param("b\xa0c.png", "b c.png", "with other spaces", id="no-break-space"),
        pytest.param("IMG_1.JPG", "img_1.jpg", "in another case", id="case"),
        pytest.param("A/É.PNG", f"a/{E_APART}.png", "in another case", id="case-and-form"),
        pytest.param("IŞIK/İZ.PNG", "\u0131ş\u0131k/iz.png", "in another case", id="turkish"),
        pytest.param("STRASSE.png", "straße.png", "in another case", id="sharp-s"),
        pytest.param("b", "b.png", "without suffix", id="id"),
        pytest.param("x\\B", "x/b.JPEG", "without suffix", id="id-with-folder"),
        pytest.param("img.001", "3/img.001.png", "without suffix", id="id-with-a-dot"),
        pytest.param("12", "0012.png", "without leading zeros", id="a-spreadsheets-number"),
        pytest.param("12.0", "x/0012.png", "without leading zeros", id="as-a-float"),
        pytest.param("0", "000.png", "without leading zeros", id="zero"),
        pytest.param("/mnt/old/3/b.png", "3/b.png", BY_END, id="moved"),
        pytest.param("C:\\old\\3\\B.png", "3/b.png", BY_END, id="moved-from-windows"),
        pytest.param("s3://bucket/x/3/b.png", "3/b.png", BY_END, id="bucket"),
        pytest.param("x/b.png", "in/x/b.png", BY_END, id="from-a-folder-within"),
        pytest.param("../in/3/b", "3/b.png", BY_END, id="from-beside"),
        pytest.param("=X.png", "=x.png", "in another case", id="formula"),
        pytest.param("A\\.PNG", "a\\.png", "in another case", id="backslash-in-both"),
    ],
)
def test_one_label_one_picture(label: str, picture: str, how: str) -> None:
    other = "quite/another.png"
    found = fold([label], [other, picture])
    assert found == Folded({to_csv(picture): 0}, {0: how}, {})


@pytest.mark.parametrize(
    ("label", "pictures"),
    [
        pytest.param("a.jpg", ["a.png"], id="another-suffix"),
        pytest.param("3/a.png", ["4/a.png"], id="another-folder"),
        pytest.param("xa.png", ["a.png"], id="the-end-of-a-name"),
        pytest.param("12.png", ["0012.png"], id="a-number-with-a-suffix-is-a-name"),
        pytest.param("a12", ["a012.png"], id="zeros-inside"),
        pytest.param("", ["a.png"], id="nothing"),
        pytest.param(".png", ["a.png"], id="a-suffix-alone"),
        pytest.param("e.png", ["é.png"], id="an-accent"),
    ],
)
def test_what_does_not_fit(label: str, pictures: list[str]) -> None:
    assert fold([label], pictures) == Folded({}, {}, {})


def test_where_several_fit_none_is_taken() -> None:
    pictures = ["a.PNG", "A.png", "A.Png"]
    assert fold(["a.png"], pictures) == Folded({}, {}, {0: ("a.PNG", "A.png")})


def test_the_nearest_is_taken() -> None:
    pictures = [f"{E_APART}.png", "É.png", f"x/{E_APART}.png"]
    found = fold([f"{E_COMPOSED}.png"], pictures[:2])
    assert found == Folded({pictures[0]: 0}, {0: "in another Unicode form"}, {})


def test_the_nearest_label_gets_the_picture() -> None:
    found = fold(["a", "A.png"], ["a.png"])
    assert found == Folded({"a.png": 1}, {1: "in another case"}, {0: ("a.png",)})


def test_an_end_that_several_labels_have_is_nobodys() -> None:
    found = fold(["/old/3/a.png", "/old/4/a.png"], ["a.png"])
    assert found == Folded({}, {}, {})


@given(
    st.lists(st.sampled_from([*"aA0./\\ -[]~!é", ".png", ".JPG"]), min_size=1, max_size=8).map(
        "".join
    )
)
def test_the_short_way_of_usual_names_is_the_long_one(name: str) -> None:
    if _UNUSUAL.search(name):
        return
    picture = name
    for each in FOLDS:
        picture = each.of_picture(picture)
    assert _folded_picture(name) == picture
    assert _folded_label(name) == picture


def test_each_finds_its_own_among_many() -> None:
    labels = [f"D:\\scans\\{n % 7}\\{n}.PNG" for n in range(2000)]
    pictures = [f"{n % 7}/{n}.png" for n in range(2000)]
    assert fold(labels, pictures).pictures == {path: row for row, path in enumerate(pictures)}
