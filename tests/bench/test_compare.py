"""Two saved tables side by side."""

from batch_predict import Prediction
from tests.bench.accuracy import COLUMNS, Outcome, Scored, line
from tests.bench.compare import Counts, read, table
from tests.bench.sample import Sample


def scored(right, wrong, label=3):
    answers = [(label, "ok")] * right + [(5, "ok")] * wrong + [(5, "review"), (None, "blank")]
    sample = Sample(b"", label)
    outcomes = [Outcome(sample, Prediction(d, 0.9, s, "", None), looks=2) for d, s in answers]
    return Scored(outcomes, cpu=0.01 * len(outcomes), article=0.02 * len(outcomes))


def saved(path, **sets):
    return written(path, COLUMNS, *(line(name, one) for name, one in sets.items()))


def written(path, heads, *lines):
    path.write_text("\n".join([f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}", *lines]))
    return path


OLD = (*COLUMNS[:8], COLUMNS[-1])  # what tables had before there were looks
OLD_LINE = "| one | 100 | 95.00% | 88.8% to 97.8% | 3.00% | 1.0% to 8.5% | 1.0% | 1.0% | 2.50 |"


def test_a_line_is_read_as_it_was_counted(tmp_path):
    counts = read([saved(tmp_path / "a.md", one=scored(95, 3))])
    assert counts == {"one": Counts(100, 100, 95, 3, 1, 1, 1000, 100, 0, 50, 5)}


def test_a_line_of_an_older_version_is_read(tmp_path):
    counts = read([written(tmp_path / "a.md", OLD, OLD_LINE)])
    assert counts == {"one": Counts(100, 100, 95, 3, 1, 1, 250)}


def test_of_a_table_of_two_versions_the_later_is_read(tmp_path):
    both = saved(tmp_path / "a.md", one=scored(90, 8)), saved(tmp_path / "b.md", one=scored(95, 3))
    page = tmp_path / "page.md"
    page.write_text("Words.\n\n" + "\n".join(table(*(read([path]) for path in both))))
    assert read([page])["one"][:9] == read([both[1]])["one"][:9]


def test_what_an_older_version_did_not_count_is_that_of_after(tmp_path):
    before = read([written(tmp_path / "a.md", OLD, OLD_LINE)])
    after = read([saved(tmp_path / "b.md", one=scored(97, 1))])
    heads, _, one = (each.strip("| ").split(" | ") for each in table(before, after))
    named = dict(zip(heads, one, strict=True))
    assert (named["review, %"], named["CPU ms"]) == ("1.0 -> 1.0", "2.50 -> 10.0")
    assert (named["second looks, %"], named["cost"]) == ("100.0", "0.50")


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
