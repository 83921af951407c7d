"""The ink network as training uses it: on ONNX Runtime, whatever Keras runs on."""

from collections.abc import Iterable, Iterator
from functools import cache

from batch_predict.marking import Marker, groups
from batch_predict.prepare import PreparedItem
from batch_predict.records import Blank, Prepared, Reduced
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.ink import Ink, find_ink


@cache
def marker() -> Marker:
    """What marks pictures in this process; raises as `find_ink` and `find_runtime`."""
    return Marker(Ink.of(find_ink(), find_runtime("onnx")))


def marked(items: Iterable[PreparedItem]) -> list[Prepared | Blank]:
    """`items` in their order, as the job's first look sees them: what is reduced is marked and
    read, as it comes. No two have one path; those that failed are left out."""
    paths: list[str] = []
    found: dict[str, Prepared | Blank] = {}

    def reduced() -> Iterator[Reduced]:
        for item in items:
            paths.append(item.ref.path)
            if isinstance(item, Reduced):
                yield item
            elif isinstance(item, Prepared | Blank):
                found[item.ref.path] = item

    for group in groups(reduced()):
        found.update((each.ref.path, each) for each in marker().read(group))
    return [found[path] for path in paths if path in found]
