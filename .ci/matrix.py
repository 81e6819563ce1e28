"""Print a table of what `make matrix` found, with a row for each environment.

Usage: .tox/bootstrap/bin/python .ci/matrix.py

The first environment that ran is the reference: the last column lists the behaviours
that both tested, and that hold in only one of the two.
"""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

WORK = Path(__file__).parents[1] / ".tox"
#: The packages whose versions are columns.
PACKAGES = ("Flask", "Werkzeug", "SQLAlchemy")
PROGRAM = f"""
import platform
from importlib.metadata import version
print(platform.python_version(), *map(version, {PACKAGES}))
"""


@dataclass(frozen=True)
class Results:
    """The results of the run of one environment."""

    passed: int
    failed: int
    #: Whether it "holds" or "fails", by the id of each behaviour that was tested.
    behaviours: Mapping[str, str]


def read(path: Path) -> Results | None:
    """Return the results in a JUnit XML file, or None if there is no such file."""
    if not path.exists():
        return None
    outcomes = []
    behaviours: dict[str, str] = {}
    for case in ElementTree.parse(path).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            outcome = "fails"
        else:
            outcome = "holds" if case.find("skipped") is None else "left out"
        outcomes.append(outcome)
        for each in case.findall("properties/property[@name='behaviour']"):
            if outcome == "fails":
                behaviours[each.attrib["value"]] = outcome
            elif outcome == "holds":
                behaviours.setdefault(each.attrib["value"], outcome)
    return Results(outcomes.count("holds"), outcomes.count("fails"), behaviours)


def versions(environment: str) -> list[str]:
    """Return the versions of Python and of the packages in an environment."""
    python = WORK / environment / "bin" / "python"
    return subprocess.run(
        [python, "-I", "-c", PROGRAM], check=True, stdout=subprocess.PIPE, text=True
    ).stdout.split()


def table(found: Mapping[str, tuple[list[str], Results | None]]) -> str:
    """Return the table in Markdown, by the versions and results of the environments."""
    reference, known = next(
        ((name, results) for name, (_, results) in found.items() if results), ("", None)
    )
    rows = [["environment", "Python", *PACKAGES, "passed", "failed"]]
    rows[0].append(f"not as in {reference}")
    for environment, (packages, results) in found.items():
        if results is None or known is None:
            rows.append([environment, *[""] * (len(rows[0]) - 2), "did not run"])
            continue
        here = results.behaviours
        differing = [
            f"{identity} {here[identity]}"
            for identity in sorted({*here} & {*known.behaviours})
            if here[identity] != known.behaviours[identity]
        ]
        begin = [environment, *packages, str(results.passed), str(results.failed)]
        rows.append([*begin, *(differing[:1] or [""])])
        rows += [[*[""] * len(begin), each] for each in differing[1:]]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:], ""])


def main() -> None:
    """Print the table of the environments that tox labels "matrix"."""
    listed = subprocess.run(
        [sys.executable, "-m", "tox", "list", "-qq", "--no-desc", "-m", "matrix"],
        cwd=WORK.parent,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout.split()
    found = {}
    for environment in sorted(listed, key=lambda name: not name.startswith("py")):
        results = read(WORK / "results" / f"{environment}.xml")
        found[environment] = (versions(environment) if results else [], results)
    print(table(found), end="")


if __name__ == "__main__":
    main()
