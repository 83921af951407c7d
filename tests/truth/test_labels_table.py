"""The forms in which people write a labels file."""

from pathlib import Path

import pytest

from batch_predict.truth.labels_table import Table, parse_digit, read_table


def read(path: Path, text: str | bytes) -> Table:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_table(str(path))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("path,label\na.png,7\n", id="plain"),
        pytest.param("File Name;True Label\r\na.png;7\r\n", id="excel-semicolons"),
        pytest.param("image\tdigit\na.png\t7\n", id="tsv"),
        pytest.param("image|digit\na.png|7\n", id="bars"),
        pytest.param("path\rlabel\ra.png,7\r".replace("path\rlabel", "path,label"), id="old-mac"),
        pytest.param("\ufeffid,class\na.png,7\n", id="byte-order-mark"),
        pytest.param("path,label\na.png,7\n".encode("utf-16"), id="utf-16"),
        pytest.param("label,notes,image_name\n7,,a.png\n", id="other-order"),
        pytest.param("FILENAME,GROUND_TRUTH\n a.png , 7.0 \n", id="floats-and-spaces"),
        pytest.param('path,label\n"a.png","7"', id="quoted-no-newline"),
        pytest.param("path,label\na.png,7\n\n , \n", id="blank-lines-at-the-end"),
        pytest.param("path,label,confidence,truth\na.png,1,0.5,7\n", id="truth-beats-label"),
        pytest.param("path,label,confidence,expected\na.png,1,0.5,7\n", id="expected-beats-label"),
        pytest.param("path,label,gt\na.png,1,7\n", id="gt-beats-label"),
        pytest.param("path,label,true_label\na.png,1,7\n", id="true-label-beats-label"),
        pytest.param("path,predicted_label,true_label\na.png,1,7\n", id="not-the-predicted"),
        pytest.param("path,y_pred,y_true\na.png,1,7\n", id="not-y-pred"),
        pytest.param("path,modelLabel,gold\na.png,1,7\n", id="not-a-models"),
        pytest.param("path,Prediction Class,class\na.png,1,7\n", id="prediction-class"),
        pytest.param("path,actual width,label\na.png,1,7\n", id="what-else-is-actual"),
        pytest.param("imageName,trueLabel\na.png,7\n", id="camel-case"),
        pytest.param("image,labels\na.png,7\n", id="plural"),
        pytest.param("quality,file,y_true\n3,a.png,7\n", id="a-word-not-a-letter"),
        pytest.param("Page Number,file,expected value\n3,a.png,7\n", id="another-number"),
        pytest.param("path|label|a,b,c,d\na.png|7|x\n", id="more-commas-than-bars"),
        pytest.param("path;label;seen, by;when, where; and\na.png;7;;;\n", id="commas-in-names"),
        pytest.param('path,"label\nby hand"\na.png,7\n', id="a-header-of-two-lines"),
        pytest.param("sep=;\npath;label\na.png;7\n", id="sep"),
        pytest.param('"sep=,"\r\npath,label\r\na.png,7\r\n', id="sep-quoted"),
        pytest.param("\ufeffSEP=\t\npath\tlabel\na.png\t7\n", id="sep-tab-after-a-mark"),
        pytest.param("sep=^\npath^label\na.png^7\n", id="sep-of-another-kind"),
        pytest.param("sep=\npath,label\na.png,7\n", id="sep-of-nothing"),
        pytest.param("sep=;\npath,label\na.png,7\n", id="sep-that-does-not-fit"),
        pytest.param("\n \n,,\n;;\npath,label\n\n,\na.png,7\n", id="blank-lines"),
        pytest.param(
            "# path of the label, by me\npath,label\n# b.png, bad\na.png,7\n", id="comments"
        ),
        pytest.param('path,label\n#say "a, "b\na.png,7\n', id="a-quote-in-a-comment"),
        pytest.param('path, label, note\n"a.png", "7", ""\n', id="spaces-before-quotes"),
        pytest.param("# path,label\na.png,7\n", id="a-header-in-a-comment"),
        pytest.param("# path,label\n# path,label\na.png,7\n", id="twice"),
        pytest.param(f"path,label,note\na.png,7,{'x' * (1 << 18)}\n", id="a-long-note"),
        pytest.param("#by me\n#path\tlabel\n#---\na.png\t7\n", id="and-other-comments"),
        pytest.param("#x\nsep=;\n#y\n\npath;label\n#z;\na.png;7\n", id="all-of-it"),
    ],
)
def test_headers_and_dialects(tmp_path: Path, text: str | bytes) -> None:
    table = read(tmp_path / "labels.csv", text)
    assert [path.strip() for path in table.paths] == ["a.png"]
    assert list(map(parse_digit, table.labels)) == [7]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "no column with paths in its first line ''", id="empty"),
        pytest.param("colour,label\nred,7\n", "no column with paths", id="no-paths"),
        pytest.param("path,colour\na.png,red\n", "no column with labels", id="no-labels"),
        pytest.param("file,quality\na.png,3\n", "no column with labels", id="y-in-a-word"),
        pytest.param("file,length\na.png,3\n", "no column with labels", id="gt-in-a-word"),
        pytest.param("file,page_number\na.png,3\n", "no column with labels", id="a-number"),
        pytest.param("path,predicted_label\na.png,7\n", "no column with labels", id="answers"),
        pytest.param("width,label\n3,7\n", "no column with paths", id="id-in-a-word"),
        pytest.param("image_label;x\na.png;3\n", "no column with labels", id="one-for-both"),
        pytest.param("# only\n# comments\n", "no column with paths", id="comments-only"),
        pytest.param(
            '\n#x\n"colour";"size, in mm"\n', 'line \'"colour";"size, in mm"\';', id="as-it-stands"
        ),
        pytest.param(b"Gr\xf6\xdfe;x\n", r"line 'Gr\\xf6\\xdfe;x';", id="bytes-that-are-no-text"),
        pytest.param(
            'path,label,note\na.png,7,"never\nb.png,8,\n',
            "opens in line 2 is never",
            id="a-quote-never-closed",
        ),
        pytest.param(b"\xff\xfea", "truncated data", id="broken-utf-16"),
        pytest.param(b"PK\3\4\24\0\10\0", "workbook.* save it as CSV UTF-8", id="xlsx-or-ods"),
        pytest.param(b"\xd0\xcf\x11\xe0" + bytes(600), "save it as CSV UTF-8", id="xls"),
        pytest.param("path,label\n".encode("utf-16-le"), "save it as CSV", id="utf-16-unmarked"),
    ],
)
def test_unusable_files(tmp_path: Path, text: str | bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read(tmp_path / "labels.csv", text)


def test_short_and_long_rows(tmp_path: Path) -> None:
    table = read(tmp_path / "t.csv", "path,label,x\na.png\nb.png,1,2,3\n")
    assert (table.paths, table.labels) == (["a.png", "b.png"], ["", "1"])
    assert (table.extras, table.no_groups) == ({"x": ["", "2"]}, [])


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    text = 'sep=,\n\npath,label,note\na.png,1,"x\ny"\n\n# c\nb.png,2,z\n#d.png,3,z\n'
    table = read(tmp_path / "t.csv", text)
    assert (table.paths, table.lines) == (["a.png", "b.png", "#d.png"], [4, 8, 9])
    assert table.commented == {2}
