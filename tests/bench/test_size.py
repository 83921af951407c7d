"""Lines and constants are counted as the tool says."""

import pytest

from tests.bench.size import Size, size


@pytest.mark.parametrize(
    ("source", "counted"),
    [
        pytest.param('"""One."""\n\n# Two.\n', Size(3, 0, 0, 0), id="no code"),
        pytest.param("NEAR: Final = 3  # px\n", Size(1, 1, 1, 1), id="annotated"),
        pytest.param("_SIDES = (\n    160,\n    192,\n)\n", Size(4, 4, 1, 2), id="several numbers"),
        pytest.param("LOW, HIGH = 1, 2.5\n", Size(1, 1, 1, 2), id="two names"),
        pytest.param("NAME = 'a'\nON = True\nlevel = 3\n", Size(3, 3, 0, 0), id="no numbers"),
        pytest.param('def f():\n    """Does."""\n    return 3\n', Size(3, 2, 0, 0), id="function"),
    ],
)
def test_size(source, counted):
    assert size(source) == counted
