"""Which of the files that lie in a source are listed as its pictures."""

from typing import NamedTuple


class Selection(NamedTuple):
    """What of a source is taken; as it stands, what is named as pictures are."""

    outputs: frozenset[str] = frozenset()  # the addresses of what the program itself writes: not
    all_files: bool = False  # whatever their names
    follow_links: bool = False  # into linked folders, too
    exclude: tuple[str, ...] = ()  # what these globs match: not (see `Exclusion`)
    archives: bool = False  # the files that archives are, too
