"""`python -m tests.bench.accuracy`: what reads digits, compared on many sets of pictures.

    python -m tests.bench.accuracy --data MNIST=mnist.npz --data USPS=usps.t.bz2 --out figures.json
    python -m tests.bench.accuracy --command 'mine=mytool {in_dir} {out_csv}' --model my.keras

docs/how-to/benchmark.md says how to enter one's own tool, and what each figure is.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from batch_predict.errors import BatchPredictError
from batch_predict.manifest.versions import versions
from batch_predict.normalize.modes import Preprocess
from batch_predict.runtimes import RUNTIMES
from batch_predict.runtimes.ink import find_ink
from batch_predict.runtimes.model_file import find_model
from tests.bench import published, sets
from tests.bench.accuracy_table import COLUMNS, HOME, line, say_the_rest
from tests.bench.accuracy_tools import DEFAULT_MODEL, PREPARES, chosen_tools
from tests.bench.cpu import ArticleCode
from tests.bench.groups import GROUPS, LETTERS, not_independent
from tests.bench.outcomes import Scored, areas, figures
from tests.bench.program import Program, learned_from
from tests.bench.published import DataError, Published
from tests.bench.sample import Sample
from tests.bench.sets import NotHadError, make_set, published_set
from tests.bench.sheets import save_failures
from tests.bench.tools import Measured, ToolError
from tests.conftest import SAMPLES

Maker = Callable[[int], list[Sample]]


class Results:
    """What the JSON holds; it is written anew after each set."""

    def __init__(self, options: argparse.Namespace, left_out: dict[str, str]) -> None:
        from train.machine import processor  # after Keras, which was quiet

        self._path: Path | None = options.out
        self.told: dict[str, Any] = {
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": versions(),
            "machine": {"cores": os.cpu_count(), "processor": processor()},
            "options": {name: getattr(options, name) for name in ("count", "seed", "sets")},
            "ours_learned_from": training_data(),
            "tools": {},
            "sets": {},
            "left_out": left_out,
            "results": [],
            "groups": [],
            "over_all": {},
        }

    def save(self) -> None:
        """Put what is there in place whole."""
        if self._path is not None:
            part = self._path.with_name(f".{self._path.name}.part")
            part.write_text(json.dumps(self.told, indent=1, ensure_ascii=False) + "\n", "utf-8")
            part.replace(self._path)


def training_data() -> dict[str, Any]:
    """What the cards of our networks say that they learned from."""
    model = find_model(DEFAULT_MODEL)
    named = {DEFAULT_MODEL: model, **{Path(j.path).stem: j for j in model.judges}}
    cards = {name: found.card or {} for name, found in {**named, "ink": find_ink()}.items()}
    return {
        name: {
            "sha256": card.get("sha256"),
            "data": card.get("data"),
            "pictures": card.get("training", {}).get("done", {}).get("pictures"),
        }
        for name, card in cards.items()
    }


def published_sets(data: Mapping[str, Path], left_out: dict[str, str]) -> dict[str, Published]:
    """The published sets that can be had, by name; why others can't goes into `left_out`.

    `data` is what the user named: of MNIST the copy of the benchmark, and of optdigits that of
    scikit-learn, stand in for it.

    Raises:
        DataError: what was named can't be read.
    """
    found: dict[str, Published] = {}
    for kind in published.KINDS:
        try:
            if kind == "optdigits" and kind not in data:
                found[kind] = published.optdigits_of_scikit_learn()
                continue
            found |= published.read(kind, sets.mnist_path() if kind == "MNIST" else data[kind])
        except (KeyError, NotHadError):
            left_out[f"published: {kind}"] = f"not named: --data {kind}=PATH"
    return {f"published: {name}": each for name, each in found.items()}


def warm_up() -> list[Sample]:
    """Pictures of all forms and sizes for which something is loaded, a plain one of MNIST first."""
    plain = next(SAMPLES.rglob("*.png"))
    small = published_set(published.optdigits_of_scikit_learn(), 1)
    rendered = [each for name in ("letters: small", "no digits") for each in make_set(name, 1)]
    return [Sample(plain.read_bytes(), int(plain.parent.name)), *small, *rendered]


def parser() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.accuracy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--command",
        type=named,
        action="append",
        default=[],
        metavar="NAME=TEMPLATE",
        help="a tool: its command with {in_dir}, a folder of pictures, and {out_csv}, which it is"
        " to write: path, label, and, if it has them, confidence and status",
    )
    add(
        "--model",
        action="append",
        default=[],
        metavar="FILE",
        help="a network of 28x28 grey pictures: a .keras, .h5 or .onnx file",
    )
    add(
        "--prepare",
        nargs="+",
        choices=PREPARES,
        default=list(PREPARES),
        help="how pictures are brought to such a network: reduced to grey 28x28 alone, or by ours",
    )
    add("--tools", default="", help="only tools whose name matches this pattern")
    add(
        "--data",
        type=named,
        action="append",
        default=[],
        metavar="NAME=PATH",
        help=f"where a published set lies: {', '.join(published.KINDS)}",
    )
    add("--sets", default="", help="only sets whose name matches this pattern")
    add("--count", type=int, default=100, help="pictures per set, at most")
    add("--seed", type=int, default=sets.SEED, help="of the sets that are rendered")
    add("--out", type=Path, help="the JSON of all figures")
    add("--runtime", default="keras", choices=RUNTIMES, help="of ours")
    add("--preprocess", type=Preprocess, default=Preprocess.AUTO, help="of ours")
    add("--sheets", type=Path, help="folder for contact sheets of what ours gets wrong")
    add(
        "--cache",
        type=Path,
        help="folder that keeps rendered pictures, so that two versions of the program see the same"
        " bytes, and the second need not wait for them; empty it when the making of a set changes",
    )
    add(
        "--only-kept",
        action="store_true",
        help="render no picture: of each set take up to --count that --cache keeps",
    )
    return parser


def named(text: str) -> tuple[str, str]:
    """A NAME=VALUE of the command line."""
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"NAME=VALUE is needed, received {text}")
    return name, value


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table and write the JSON."""
    of_options = parser()
    options = of_options.parse_args(argv)
    data = {name: Path(path) for name, path in options.data}
    if unknown := set(data) - set(published.KINDS):
        of_options.error(f"--data knows {', '.join(published.KINDS)}, not {', '.join(unknown)}")
    if options.only_kept and options.cache is None:
        of_options.error("--only-kept needs --cache")
    if "MNIST" in data:
        sets.use_mnist(data["MNIST"])
    try:
        compare(options, data)
    except (DataError, ToolError, BatchPredictError) as error:
        print(f"{of_options.prog}: {error}", file=sys.stderr)
        return 2
    return 0


def compare(options: argparse.Namespace, data: Mapping[str, Path]) -> None:
    """See `main`; `data` is where published sets lie."""
    left_out: dict[str, str] = {}
    of_files = published_sets(data, left_out)
    left_out = {name: why for name, why in left_out.items() if re.search(options.sets, name)}
    makers: dict[str, Maker] = {n: partial(published_set, each) for n, each in of_files.items()}
    makers |= sets.makers(options.seed, options.cache, options.only_kept)
    first = warm_up()
    tools = [Measured(tool, first) for tool in chosen_tools(options, left_out)]
    results = Results(options, left_out)
    told = results.told
    for tool in tools:
        told["tools"][tool.tool.name] = {**tool.tool.about, "call_cpu_seconds": tool.call_seconds}
    article = ArticleCode()
    print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}", flush=True)
    seen: dict[str, dict[str, Scored]] = {tool.tool.name: {} for tool in tools}
    for name, make in makers.items():
        if not re.search(options.sets, name):
            continue
        try:
            samples = make(options.count)
        except NotHadError as error:
            left_out[name] = str(error)
            continue
        told["sets"][name] = about_set(name, samples, of_files.get(name))
        picture_seconds = article.picture_seconds()
        for tool in tools:
            outcomes, cpu, peak = tool.score(samples)
            scored = Scored(outcomes, cpu, picture_seconds * len(samples), peak)
            seen[tool.tool.name][name] = scored
            add_line(told["results"], name, tool.tool.name, scored)
            if options.sheets and isinstance(tool.tool, Program):
                file = re.sub("[^A-Za-z0-9.]+", "_", f"{tool.tool.name} {name}")
                save_failures(outcomes, options.sheets / file, options.preprocess)
        results.save()
    for name, of_tool in seen.items():
        sum_up(told, name, of_tool)
    say_the_rest(told)
    results.save()


def about_set(name: str, samples: Sequence[Sample], source: Published | None) -> dict[str, Any]:
    """What the JSON says of a set."""
    told: dict[str, Any] = {
        "pictures": len(samples),
        "ours_is_at_home": not_independent(name),
        "ours_learned_from": learned_from(samples, find_model(DEFAULT_MODEL)),
        "files": None,
        "checked": None,
    }
    if source is not None:
        told["files"] = [each._asdict() for each in source.files]
        told["checked"] = source.checked
    return told


def add_line(lines: list[dict[str, Any]], name: str, tool: str, scored: Scored) -> None:
    """Add the figures to `lines`, and print them."""
    told = figures(scored)
    lines.append({"set": name, "tool": tool, **told})
    mark = HOME if not_independent(name.strip("*")) else ""
    print(line(f"{name}{mark}", tool, told), flush=True)


def sum_up(told: dict[str, Any], tool: str, seen: Mapping[str, Scored]) -> None:
    """Sums over the groups of which at least two sets were scored, and figures over all sets."""
    for group, pattern in GROUPS.items():
        members = [scored for name, scored in seen.items() if re.search(pattern, name)]
        if len(members) > 1:
            add_line(told["groups"], f"**{group}**", tool, Scored.together(members))
    if seen:
        letters = [
            o for name, one in seen.items() if re.search(LETTERS, name) for o in one.outcomes
        ]
        told["over_all"][tool] = areas(Scored.together(seen.values()).outcomes, letters)


if __name__ == "__main__":
    sys.exit(main())
