"""What an option's value may be written as: text of a command line, or what a program passes."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Real
from typing import Any, Final, TypeAlias

from batch_predict.errors import OptionError
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.shard import FORM, Shard

LARGEST: Final = 2**53  # above it not every whole number is a float, as JSON has it
_NUMBER: Final = r"\d{1,100}"
_MOST_SHOWN: Final = 200  # characters of a value that a message repeats


@dataclass(frozen=True)
class Limit:
    """A number of pictures, or a share of them."""

    amount: int | Fraction  # exact: 29% of 100 are 29
    is_share: bool = False

    def __str__(self) -> str:
        if not self.is_share:
            return str(self.amount)
        percent = f"{float(self.amount * 100):g}"
        return f"{Decimal(percent):f}%"  # 0.00001, which `parse` reads, not 1e-05

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """`3` is three pictures, `1%` one in a hundred.

        Raises:
            ValueError: neither a whole number nor a percentage from 0 to 100.
        """
        if re.fullmatch(_NUMBER, text):
            return cls(int(text))
        if (match := re.fullmatch(rf"({_NUMBER}(?:\.\d{{1,100}})?)%", text)) and Fraction(
            match[1]
        ) <= 100:
            return cls(Fraction(match[1]) / 100, is_share=True)
        raise ValueError(f"a limit is {_WORDS[cls]}, received {shown(text, repr)}")

    def allows(self, count: int, total: int) -> bool:
        """Whether `count` of `total` is within the limit."""
        return count <= (self.amount * total if self.is_share else self.amount)


class Globs(tuple[str, ...]):
    """Patterns for the names or paths of files and folders; see `storage.exclusion`."""

    __slots__ = ()

    @classmethod
    def of(cls, texts: Iterable[object]) -> "Globs":
        """The globs `texts`.

        Raises:
            ValueError: one is no text, or holds nothing to match.
        """
        globs = tuple(texts)
        if not all(isinstance(glob, str) and glob.strip("/.") for glob in globs):
            raise ValueError(f"a glob is text such as *_thumb.png, received {globs}")
        return cls(map(str, globs))


class Files(tuple[str, ...]):
    """Paths of files, or their addresses in a bucket."""

    __slots__ = ()

    @classmethod
    def of(cls, names: object) -> "Files":
        """The files `names`, several or one.

        Raises:
            ValueError: one is no name of a file.
        """
        several = names if isinstance(names, Iterable) and not isinstance(names, str) else (names,)
        found = [os.fsdecode(n) if isinstance(n, str | os.PathLike) else "" for n in several]
        if not all(name and is_writable(name) for name in found):
            raise ValueError(f"a file is text that a system takes, received {shown(names, repr)}")
        return cls(found)


#: text -> a value; raises ValueError
_TextReader: TypeAlias = Callable[[str], object]

#: the type of an option -> what reads its value from text; a flag has none
_READERS: Final[Mapping[type, _TextReader]] = {
    str: str,
    int: int,
    float: float,
    Limit: Limit.parse,
    Globs: lambda text: Globs.of((text,)),
    Files: Files.of,
    Shard: Shard.parse,
    Preprocess: Preprocess,
    Polarity: Polarity,
}
#: the type of an option -> the other types whose values it takes, and how they become one
_CONVERSIONS: Final[Mapping[type, tuple[type | tuple[type, ...], Callable[[Any], object]]]] = {
    str: (os.PathLike, os.fsdecode),
    int: (Integral, int),  # NumPy's too
    float: ((Real, Decimal), float),
    Globs: (Iterable, Globs.of),
    Files: ((os.PathLike, Iterable), Files.of),
    Limit: (Integral, lambda count: Limit.parse(str(count))),
}
_WORDS: Final[Mapping[type, str]] = {
    bool: "True or False",
    str: "text",
    int: "a whole number",
    float: "a number",
    Globs: "a glob such as *_thumb.png, or several",
    Files: "a file such as out.decisions.csv, or several",
    Limit: "a number such as 3 or a share of at most 100% such as 1%",
    Shard: FORM,
    Preprocess: f"one of {', '.join(Preprocess)}",
    Polarity: f"one of {', '.join(Polarity)}",
}


def read_value(name: str, expected: type, value: object) -> object:
    """`value` of the option `name` as one of the type `expected`.

    Raises:
        OptionError: it can't be read as one.
    """
    if isinstance(value, expected) and not (expected is int and isinstance(value, bool)):
        return value
    try:
        if isinstance(value, str) and expected in _READERS:
            return _READERS[expected](value)
        if expected in _CONVERSIONS and not isinstance(value, bool):
            source, convert = _CONVERSIONS[expected]
            if isinstance(value, source):
                return convert(value)
    except (ValueError, OverflowError):  # OverflowError: no float is so large
        pass  # the line below says what is expected
    raise OptionError(name, f"must be {_WORDS[expected]}, received {shown(value, repr)}")


def is_writable(text: str) -> bool:
    """Whether a system takes `text`: it holds no NUL, and no half of a character."""
    try:
        text.encode(errors="surrogateescape")  # bytes of a name that are no text
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def shown(value: object, write: Callable[[object], str] = str) -> str:
    """`value` in a few words: it may be long, or a number of more digits than Python writes out."""
    try:
        text = f"{value:g}" if write is str and isinstance(value, float) else write(value)
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."
