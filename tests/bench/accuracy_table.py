"""What `tests.bench.accuracy` prints: a line for each set and tool, and what fits in none below."""

from collections.abc import Mapping
from typing import Any, Final

from tests.bench.accuracy_tools import DEFAULT_MODEL

COLUMNS: Final = (
    "set", "tool", "pictures", "right", "95% interval", "silently wrong", "95% interval", "review",
    "no answer", "AUGRC", "risk at 95%", "ECE", "CPU ms", "MiB",
)  # fmt: skip
RISK_AT: Final = "0.95"  # the coverage at which the table has the risk
NONE: Final = "-"  # in place of a figure that there is not
HOME: Final = "*"  # behind the name of a set on which ours is at home


def say_training_data(told: Mapping[str, Any]) -> str:
    """The same in a sentence."""
    data = told[DEFAULT_MODEL]["data"]
    return (
        f"Ours ({', '.join(told)}) learned from {data['split']['train']:,} of MNIST's training"
        f" digits ({data['licence']}), and from pictures that this project renders of them and of"
        " drawn digits; from nothing else."
    )


def line(name: str, tool: str, told: Mapping[str, Any]) -> str:
    """A line of the table, of `figures`."""
    count, digits = told["pictures"], told["digits"]
    peak, risk = told["peak_memory_bytes"], told["risk_at_coverage"].get(RISK_AT)
    cells = [
        name,
        tool,
        str(count),
        share(told["right"], digits, 2),
        interval(told["right_interval_95"]),
        share(told["silently_wrong"], count, 2),
        interval(told["silently_wrong_interval_95"]),
        share(told["review"], count, 1),
        share(told["no_answer"], count, 1),
        NONE if told["augrc"] is None else f"{told['augrc']:.5f}",
        *(NONE if each is None else f"{each:.2%}" for each in (risk, told["ece"])),
        f"{1000 * told['cpu_seconds'] / count:.2f}",
        NONE if peak is None else f"{peak / 2**20:.0f}",
    ]
    return f"| {' | '.join(cells)} |"


def share(hits: int, total: int, decimals: int) -> str:
    """`hits` of `total` as a percentage."""
    return f"{hits / total:.{decimals}%}" if total else NONE


def interval(ends: tuple[float, float] | None) -> str:
    """An interval of shares as percentages."""
    return f"{ends[0]:.2%} to {ends[1]:.2%}" if ends else NONE


def say_the_rest(told: Mapping[str, Any]) -> None:
    """What does not fit into the table."""
    for tool, about in told["tools"].items():
        said = [f"a call alone takes {about['call_cpu_seconds']:.2f} s of CPU time"]
        if "model_bytes" in about:
            said.append(f"the files of its model have {about['model_bytes'] / 1e6:.1f} MB")
        found = told["over_all"].get(tool, {})
        said += [f"{name.replace('_', ' ')} {area:.5f}" for name, area in found.items() if area]
        print(f"\n{tool}: {'; '.join(said)}")
    homes: dict[str, list[str]] = {}
    for name, each in told["sets"].items():
        homes.setdefault(each["ours_is_at_home"], []).append(name)
        if each["checked"]:
            print(f"\n{name}: {each['checked']}")
        if each["ours_learned_from"]:
            print(f"\n{name}: ours learned from {each['ours_learned_from']} of its pictures")
    print(f"\n{say_training_data(told['ours_learned_from'])}")
    for why, names in homes.items():
        if why:
            print(f"\n{HOME} {why}: {', '.join(names)}")
    for name, why in told["left_out"].items():
        print(f"\nLeft out: {name} ({why})")
