"""Two saved comparisons side by side."""

import json

from batch_predict import Prediction
from tests.bench.compare import Counts, read, table
from tests.bench.outcomes import Outcome, Scored, figures
from tests.bench.sample import Sample


def scored(right, wrong, label=3):
    answers = [(label, "ok")] * right + [(5, "ok")] * wrong + [(5, "review"), (None, "blank")]
    sample = Sample(b"", label)
    outcomes = [Outcome(sample, Prediction(d, 0.9, s, "", None), looks=2) for d, s in answers]
    return Scored(outcomes, cpu=0.01 * len(outcomes), article=0.02 * len(outcomes))


def saved(path, tool="ours", **named):
    results = [{"set": name, "tool": tool, **figures(one)} for name, one in named.items()]
    path.write_text(json.dumps({"results": results, "groups": []}))
    return path


def test_a_line_is_read_as_it_was_counted(tmp_path):
    counts = read([saved(tmp_path / "a.json", one=scored(95, 3))])["one"]
    assert counts[:6] == (100, 100, 95, 3, 1, 1)
    assert counts == Counts(*counts[:6], cpu=1, article=2, second=100, third=0, error=counts.error)
    assert round(counts.error, 3) == 0.05


def test_the_tool_that_is_asked_for_is_read(tmp_path):
    path = saved(tmp_path / "a.json", "mine", one=scored(95, 3))
    assert (list(read([path])), list(read([path], "mine"))) == ([], ["one"])


def test_sets_without_a_digit_have_nothing_right(tmp_path):
    counts = read([saved(tmp_path / "a.json", one=scored(0, 8, label=None))])
    assert counts["one"][:4] == (10, 0, 0, 8)


def test_sets_of_both_are_shown_and_groups_summed(tmp_path):
    before = {"form: box": scored(70, 28), "form: table": scored(80, 18), "gone": scored(8, 0)}
    after = {"form: box": scored(98, 0), "form: table": scored(97, 1), "new": scored(8, 0)}
    heads, _, box, cells, *groups = table(
        read([saved(tmp_path / "a.json", **before)]), read([saved(tmp_path / "b.json", **after)])
    )
    assert box.startswith("| form: box | 100 | 70.0 -> 98.0 | 28.00 -> 0.00 |")
    assert cells.startswith("| form: table | 100 | 80.0 -> 97.0 | 18.00 -> 1.00 |")
    assert any(
        group.split(" | ")[1:4] == ["200", "75.0 -> 97.5", "23.00 -> 0.50"] for group in groups
    )
    named = dict(zip(*(row.strip("| ").split(" | ") for row in (heads, box)), strict=True))
    assert (named["second looks, %"], named["cost"]) == ("100.0 -> 100.0", "0.50 -> 0.50")
    assert (named["CPU ms"], named["no answer, %"]) == ("10.0 -> 10.0", "1.0 -> 1.0")


def test_a_figure_that_one_of_both_lacks_is_the_others(tmp_path):
    outcomes = [each._replace(looks=None) for each in scored(95, 3).outcomes]
    before = read([saved(tmp_path / "a.json", one=Scored(outcomes, 1, 1))])
    after = read([saved(tmp_path / "b.json", one=scored(97, 1))])
    heads, _, one = (each.strip("| ").split(" | ") for each in table(before, after))
    assert dict(zip(heads, one, strict=True))["second looks, %"] == "100.0"


def test_a_set_with_another_number_of_pictures_is_left_out(tmp_path):
    first, second = (
        saved(tmp_path / "a.json", one=scored(8, 0)),
        saved(tmp_path / "b.json", one=scored(98, 0)),
    )
    assert len(table(read([first]), read([second]))) == 2
