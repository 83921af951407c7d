import pytest

from batch_predict.storage.exclusion import Exclusion, system_category


@pytest.mark.parametrize(
    ("name", "is_folder", "category"),
    [
        *(
            pytest.param(name, True, "system folder", id=name)
            for name in (
                *("@eaDir", "#recycle", "#snapshot", "@Recycle", "@Recently-Snapshot"),
                *("@appstore", "@docker", "@database"),
                *("$RECYCLE.BIN", "$Recycle.Bin", "RECYCLER", "System Volume Information"),
                *("FOUND.000", "__MACOSX", "Network Trash Folder", "lost+found", "~snapshot"),
            )
        ),
        *(
            pytest.param(name, False, "system file", id=name.strip())
            for name in ("Thumbs.db", "desktop.ini", "Icon\r", "~$scan.docx", "#a.txt#")
        ),
        pytest.param("lost+found", False, None, id="a file of a folder's name"),
        pytest.param("Thumbs.db", True, None, id="a folder of a file's name"),
        pytest.param("#1", False, None, id="a number"),
        pytest.param("recycle", True, None, id="a word"),
        pytest.param("7", True, None, id="a digit"),
    ],
)
def test_names_of_systems(name: str, is_folder: bool, category: str | None) -> None:
    assert system_category(name, is_folder=is_folder) == category


@pytest.mark.parametrize(
    ("glob", "path", "file", "folder"),
    [
        pytest.param("*_thumb.png", "a/b_thumb.png", True, True, id="name at any depth"),
        pytest.param("*_thumb.png", "b_thumb.png/c.png", False, False, id="name of the last alone"),
        pytest.param("thumbs", "a/thumbs", True, True, id="a plain name"),
        pytest.param("thumbs", "a/Thumbs", False, False, id="case counts"),
        pytest.param("[0-4]?.png", "37.png", True, True, id="set and one character"),
        pytest.param("a/thumbs", "a/thumbs", True, True, id="path"),
        pytest.param("a/thumbs", "b/a/thumbs", False, False, id="path from in_dir alone"),
        pytest.param("/thumbs", "thumbs", True, True, id="path at the top"),
        pytest.param("/thumbs", "a/thumbs", False, False, id="not below it"),
        pytest.param("./a/*.png", "a/b.png", True, True, id="path from here"),
        pytest.param("a/*", "a/b", True, True, id="what is in a folder"),
        pytest.param("a/*.png", "a/b/c.png", False, False, id="a star matches no slash"),
        pytest.param("a/**/c.png", "a/b/b/c.png", True, True, id="any folders"),
        pytest.param("a/**/c.png", "a/c.png", True, True, id="no folder"),
        pytest.param("**/c", "a/c", True, True, id="at any depth"),
        pytest.param("a/", "a", False, True, id="folders alone"),
        pytest.param("*/\n*", "a/\nb", True, True, id="a newline"),
    ],
)
def test_what_a_glob_matches(glob: str, path: str, file: bool, folder: bool) -> None:
    exclusion = Exclusion([glob])
    assert exclusion.matches(path, is_folder=False) is file
    assert exclusion.matches(path, is_folder=True) is folder


def test_one_of_several_globs_is_enough() -> None:
    exclusion = Exclusion(["x", "a/b", "y"])
    assert exclusion.matches("a/b", is_folder=False)
    assert not exclusion.matches("a/c", is_folder=False)
    assert not Exclusion([])
