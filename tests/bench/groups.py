"""Sets of the benchmark that are looked at together, and those on which ours is at home."""

import re
from typing import Final

LETTERS: Final = r"^(letters|signs|no digits|dev: not_digits)"
#: a group's name -> a pattern for those of its sets
GROUPS: Final[dict[str, str]] = {
    "MNIST-C": r"^published: MNIST-C ",
    "phone photos of school paper": r"^school: ",
    "phone photos of other things, screens, boards, scans": r"^(other|form): ",
    "a box or the lines of a table around the digit": r"^form: (box|comb|table)",
    "15 families of spoilt 28x28 pictures": r"^corrupted: ",
    "photos with one trouble each": r"^photos: ",
    "letters and signs": LETTERS,
    "several digits": r"^several: ",
}
# Of a set that is not named here, nothing in the training of our networks is like it.
NOT_INDEPENDENT: Final[dict[str, str]] = {
    r"^(published: )?MNIST$": "test digits of the set whose training digits ours learned from",
    r"^published: QMNIST$": "from the source of MNIST and in its form, though ours saw none",
    r"^published: MNIST-C ": "MNIST's test digits, spoilt in ways of which ours learned others",
    r"^dev: |^published: optdigits$": "looked at while ours was made, though not learned from",
    r"^(?!published: |dev: )": (
        "rendered by this project of MNIST's test digits and drawn ones; ours learned from pictures"
        " that another program of this project rendered"
    ),
}


def not_independent(name: str) -> str | None:
    """Why ours has it easier than others on the set `name`; None: it has not."""
    found = (why for pattern, why in NOT_INDEPENDENT.items() if re.search(pattern, name))
    return next(found, None)
