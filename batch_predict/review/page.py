"""Cards -> one self-contained HTML document. It reads no file but its templates."""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from batch_predict import __version__
from batch_predict.decisions.decision import Decided
from batch_predict.decisions.decisions_file import header_line, row_line
from batch_predict.manifest.own_marks import GENERATOR

if TYPE_CHECKING:
    from jinja2 import Environment

MOST_CARDS: Final = 2_000  # on a page: it opens within two seconds
MOST_CHARACTERS: Final = 19_000_000  # of the cards of a page, which takes at most 20 MB
#: the scripts of a page that is a file, in the order in which they build on each other
SCRIPTS: Final = ("page.js", "decisions_csv.js", "browser_store.js", "review.js", "file_page.js")
# JSON that stands in a page: nothing in it ends the element, or begins another or a comment.
_IN_HTML: Final = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


class PageFacts(NamedTuple):
    """What a page says of its run."""

    csv: str  # its name
    csv_sha256: str
    source: str  # of the run, the same for each of its pages: by it a browser knows its decisions
    made: str  # when, ISO 8601, UTC
    saved_name: str  # of the file that a person saves
    number: int = 1  # of the page
    of: int = 1  # pages


class Lists(NamedTuple):
    """Which rows a served page shows, beside which others it can be asked for."""

    digit: int | None  # all that were read as it, sure or not; None: the queue
    before: str | None  # the address of the page before, if any
    after: str | None


def json_text(value: object) -> str:
    """`value` as JSON in ASCII that may stand in a `<script>` of data."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).translate(_IN_HTML)


def pages_of(cards: Iterable[dict[str, Any]]) -> Iterator[list[str]]:
    """`cards`, as JSON, parted into pages of at most MOST_CARDS and MOST_CHARACTERS."""
    page: list[str] = []
    size = 0
    for card in map(json_text, cards):
        if page and (len(page) == MOST_CARDS or size + len(card) > MOST_CHARACTERS):
            yield page
            page, size = [], 0
        page.append(card)
        size += len(card) + 1
    if page:
        yield page


def render(facts: PageFacts, cards: list[str], decisions: Sequence[Decided]) -> str:
    """The page of `cards`, as JSON; `decisions` are those of the file that lies beside the output.

    What is saved from the page holds them all, also those on pictures that it does not show.
    """
    data = {"header": header_line(), "kept": [*map(row_line, decisions)]}
    return Document(SCRIPTS).html(facts, data, cards)


class Document:
    """What pages with the same `scripts` share; with `asks` they may ask who served them."""

    def __init__(
        self, scripts: Sequence[str], *, asks: bool = False, template: str = "review.html"
    ) -> None:
        self._template = template
        self._style, self._script = _part("review.css"), "\n".join(map(_part, scripts))
        self.policy = policy(self._style, self._script) + ("; connect-src 'self'" if asks else "")

    def html(
        self,
        facts: PageFacts,
        data: Mapping[str, object],
        cards: Iterable[str],
        lists: "Lists | None" = None,
    ) -> str:
        """The page; its scripts find `facts` and `data` as JSON, and `cards`, which are JSON."""
        return (
            _environment()
            .get_template(self._template)
            .render(
                facts=facts,
                generator=f"{GENERATOR} {__version__}",
                style=self._style,
                script=self._script,
                policy=self.policy,
                data=json_text({"facts": facts._asdict(), **data}),
                cards=f"[{','.join(cards)}]",
                lists=lists,
            )
        )


def policy(style: str, script: str) -> str:
    """The Content-Security-Policy of a page with this one style and script: nothing else runs."""
    return (
        f"default-src 'none'; img-src data:; style-src {_hash(style)};"
        f" script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _part(name: str) -> str:
    """A template without variables, just as it stands in the page."""
    loader = _environment().loader
    assert loader is not None
    return loader.get_source(_environment(), name)[0].strip()


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("batch_predict.review", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
