"""Sets of the benchmark that are looked at together: a group's name -> a pattern for theirs."""

from typing import Final

LETTERS: Final = r"^(letters|signs|no digits|dev: not_digits)"
GROUPS: Final[dict[str, str]] = {
    "phone photos of school paper": r"^school: ",
    "phone photos of other things, screens, boards, scans": r"^(other|form): ",
    "a box or the lines of a table around the digit": r"^form: (box|comb|table)",
    "15 families of spoilt 28x28 pictures": r"^corrupted: ",
    "photos with one trouble each": r"^photos: ",
    "letters and signs": LETTERS,
    "several digits": r"^several: ",
}
