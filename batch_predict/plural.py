"""A count of things, in words."""


def plural(number: int, one: str = "picture", many: str | None = None, form: str = "") -> str:
    """`1 picture`, `2 pictures`; `many` where that is no `one` with an s, `form` of the number."""
    return f"{number:{form}} {one if number == 1 else many or f'{one}s'}"
