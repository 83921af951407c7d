"""The table of docs/scaling.md, from measurements: python docs/scaling.py [NAME=VALUE ...]."""

import sys

MEASURED = {
    "pictures_s": 1_900.0,  # of a machine of 2 cores, start-up and report in it
    "work_bytes": 184.0,  # of the work file, a picture
    "picture_bytes": 300.0,  # of an MNIST PNG
    "keys_s": 3_000.0,  # listed, by one process
    "reads_s_cap": 5_500.0,  # of one prefix of S3, as its documentation says
}
SIZES = (10**6, 10**9, 10**11)
MACHINES = {10**6: 1, 10**9: 16, 10**11: 1000}


def line(pictures: int, m: dict[str, float]) -> str:
    """One row of the table for `pictures` on the machines that MACHINES gives."""
    machines = MACHINES[pictures]
    hours = pictures / m["pictures_s"] / 3600
    cells = (
        f"{pictures:,}",
        f"{machines}",
        f"{hours:,.1f}",
        f"{hours / machines:,.1f}",
        f"{pictures + pictures // 1000:,}",
        f"{pictures * m['work_bytes'] / machines / 1e9:,.2f}",
        f"{pictures * m['picture_bytes'] / 1e9:,.1f}",
        f"{pictures / m['keys_s'] / 3600:,.1f}",
        f"{machines * m['pictures_s'] / m['reads_s_cap']:,.1f}",
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    given = dict(argument.split("=") for argument in sys.argv[1:])
    measured = MEASURED | {name: float(value) for name, value in given.items()}
    print("\n".join(line(size, measured) for size in SIZES))
