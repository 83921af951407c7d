"""Known vulnerabilities of the pinned versions: one fails; what can't be looked up is said."""

import json
import subprocess
import sys

COMMAND = "pip-audit --requirement constraints.txt --no-deps --disable-pip --format json"


def main() -> int:
    """0 where none is known, which is not to say that all could be looked up."""
    run = subprocess.run(COMMAND.split(), capture_output=True, text=True, check=False)
    if not run.stdout.startswith("{"):
        print(f"NOT AUDITED: no vulnerability service answers: {run.stderr.splitlines()[-1]}")
        return 0
    packages = json.loads(run.stdout)["dependencies"]
    skipped = [package for package in packages if "skip_reason" in package]
    if skipped:
        print(f"NOT AUDITED: {len(skipped)} of {len(packages)}: {skipped[0]['skip_reason']}")
    bad = [package for package in packages if package.get("vulns")]
    for package in bad:
        found = ", ".join(each["id"] for each in package["vulns"])
        print(f"{package['name']} {package['version']}: {found}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
