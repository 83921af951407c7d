"""Two saved tables side by side."""

from batch_predict import Prediction
from tests.bench.accuracy import Outcome, Scored, line
from tests.bench.compare import Counts, read, table
from tests.bench.sample import Sample


def scored(right, wrong, label=3):
    answers = [(label, "ok")] * right + [(5, "ok")] * wrong + [(5, "review"), (None, "blank")]
    outcomes = [Outcome(Sample(b"", label), Prediction(d, 0.9, s, "", None)) for d, s in answers]
    return Scored(outcomes, cpu=0.01 * len(outcomes))


def saved(path, **sets):
    path.write_text("| set |\n| --- |\n" + "\n".join(line(n, s) for n, s in sets.items()))
    return path


def test_a_line_is_read_as_it_was_counted(tmp_path):
    counts = read([saved(tmp_path / "a.md", one=scored(95, 3))])
    assert counts == {"one": Counts(100, 100, 95, 3, 1, 1, 1000)}


def test_sets_without_a_digit_have_nothing_right(tmp_path):
    counts = read([saved(tmp_path / "a.md", one=scored(0, 8, label=None))])
    assert counts["one"][:4] == (10, 0, 0, 8)


def test_sets_of_both_are_shown_and_groups_summed(tmp_path):
    before = {"form: box": scored(70, 28), "form: table": scored(80, 18), "gone": scored(8, 0)}
    after = {"form: box": scored(98, 0), "form: table": scored(97, 1), "new": scored(8, 0)}
    _, _, box, cells, *groups = table(
        read([saved(tmp_path / "a.md", **before)]), read([saved(tmp_path / "b.md", **after)])
    )
    assert box.startswith("| form: box | 100 | 70.0 -> 98.0 | 28.00 -> 0.00 |")
    assert cells.startswith("| form: table | 100 | 80.0 -> 97.0 | 18.00 -> 1.00 |")
    assert any(
        group.split(" | ")[1:4] == ["200", "75.0 -> 97.5", "23.00 -> 0.50"] for group in groups
    )


def test_a_set_with_another_number_of_pictures_is_left_out(tmp_path):
    first, second = (
        saved(tmp_path / "a.md", one=scored(8, 0)),
        saved(tmp_path / "b.md", one=scored(98, 0)),
    )
    assert len(table(read([first]), read([second]))) == 2
