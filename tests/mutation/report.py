"""The verdict on a run, and its reports: JSON in Stryker's schema, and an HTML page."""

import html
import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.mutation.operators import Mutant
from tests.mutation.runner import Result

#: The largest share of mutants that may be argued to be equivalent.
MOST_ARGUED = 0.03


def killers(result: Result) -> list[str]:
    """Return the ids of the behaviours that notice a mutant, or else the tests."""
    found = {
        name for one in result.killers for name in (one["behaviours"] or [one["test"]])
    }
    return sorted(found)


@dataclass
class Report:
    """All mutants of a run, with their results and what is argued."""

    results: Mapping[Mutant, Result]
    arguments: Mapping[tuple[str, str], str]
    """The reasons of the equivalent mutants, by file and mutation."""

    @classmethod
    def read(cls, results: Mapping[Mutant, Result], path: Path) -> "Report":
        """Return a report with the arguments of a file."""
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", [])
        return cls(
            results, {(row["file"], row["mutation"]): row["reason"] for row in rows}
        )

    def argument(self, mutant: Mutant) -> str:
        """Return why no test can notice a mutant, "" if that is not argued."""
        return self.arguments.get((mutant.file, mutant.mutation), "")

    def complaints(self, known: set[tuple[str, str]]) -> Iterator[str]:
        """Yield what makes the run fail.

        Args:
            known: File and mutation of all mutants there are, tried or not.
        """
        for mutant, result in self.results.items():
            place = f"{mutant.file}:{mutant.lines[0]}: {mutant.mutation}"
            if result.is_killed and self.argument(mutant):
                yield f"{place}: is argued, but killed by {', '.join(killers(result))}"
            elif not result.is_killed and not self.argument(mutant):
                yield f"{place}: {result.status}"
        for file, mutation in self.arguments.keys() - known:
            yield f"{file}: {mutation}: is argued, but there is no such mutant"
        if len(self.arguments) > MOST_ARGUED * len(known):
            yield f"{len(self.arguments)} of {len(known)} mutants are argued: too many"

    def alone(self) -> tuple[Counter[str], Counter[str]]:
        """Return how many mutants each behaviour kills, and kills alone."""
        every: Counter[str] = Counter()
        alone: Counter[str] = Counter()
        for result in self.results.values():
            ids = {name for one in result.killers for name in one["behaviours"]}
            every.update(ids)
            if len(ids) == 1 and all(one["behaviours"] for one in result.killers):
                alone.update(ids)
        return every, alone

    def by_file(self) -> Iterator[tuple[str, int, int, int, int, int]]:
        """Yield rows: file, mutants, killed by unit tests, by others, argued, left."""
        files: dict[str, list[Mutant]] = {}
        for mutant in self.results:
            files.setdefault(mutant.file, []).append(mutant)
        for file, mutants in sorted(files.items()):
            results = [self.results[mutant] for mutant in mutants]
            killed = [result for result in results if result.is_killed]
            unit = sum(result.stage == "unit" for result in killed)
            argued = sum(
                bool(self.argument(one)) and not self.results[one].is_killed
                for one in mutants
            )
            other = len(killed) - unit
            left = len(mutants) - len(killed) - argued
            yield file, len(mutants), unit, other, argued, left

    def write(self, folder: Path, root: Path) -> None:
        """Write mutation.json and mutation.html."""
        document = json.dumps(self.document(root), indent=1)
        (folder / "mutation.json").write_text(document, encoding="utf-8")
        (folder / "mutation.html").write_text(self.page(), encoding="utf-8")

    def document(self, root: Path) -> dict[str, Any]:
        """Return the report in version 2 of Stryker's schema."""
        files: dict[str, Any] = {}
        names: set[str] = set()
        for number, (mutant, result) in enumerate(self.results.items()):
            source = (root / mutant.file).read_bytes()
            kind = "python" if mutant.file.endswith(".py") else "html"
            entry = files.setdefault(
                mutant.file,
                {"language": kind, "source": source.decode(), "mutants": []},
            )
            found = killers(result)
            names |= {*found}
            reason = self.argument(mutant)
            entry["mutants"].append(
                {
                    "id": str(number),
                    "mutatorName": mutant.operator,
                    "description": mutant.mutation,
                    "replacement": mutant.replacement,
                    "location": {
                        "start": _position(source, mutant.start),
                        "end": _position(source, mutant.end),
                    },
                    "status": result.status
                    if result.is_killed or not reason
                    else "Ignored",
                    "statusReason": reason,
                    "killedBy": found,
                    "testsCompleted": result.tests,
                }
            )
        tests = [{"id": name, "name": name} for name in sorted(names)]
        return {
            "schemaVersion": "2",
            "thresholds": {"high": 100, "low": 97},
            "files": files,
            "testFiles": {"tests": {"tests": tests}},
        }

    def page(self) -> str:
        """Return an HTML page: mutants by file, by behaviour, and those that live."""
        every, alone = self.alone()
        head = ("file", "mutants", "by unit tests", "by sites", "argued", "left")
        living = [
            (f"{one.file}:{one.lines[0]}", one.mutation, self.argument(one) or "")
            for one, result in self.results.items()
            if not result.is_killed
        ]
        behaviours = [(name, every[name], alone[name]) for name in sorted(every)]
        return "\n".join(
            [
                '<!doctype html><html lang="en"><meta charset="utf-8">',
                "<title>Mutants</title><h1>Mutants</h1>",
                _table(head, self.by_file()),
                "<h2>Behaviours</h2><p>Alone: among the tests that were tried.",
                _table(("behaviour", "kills", "kills alone"), behaviours),
                "<h2>Living</h2>",
                _table(("place", "mutation", "argument"), living),
                "</html>",
            ]
        )


def _table(head: tuple[str, ...], rows: Any) -> str:
    lines = ["<table><tr>" + "".join(f"<th>{cell}" for cell in head)]
    for row in rows:
        cells = "".join(f"<td>{html.escape(str(cell))}" for cell in row)
        lines.append(f"<tr>{cells}")
    return "\n".join([*lines, "</table>"])


def _position(source: bytes, at: int) -> dict[str, int]:
    """Return the line and the column of a byte, both counted from 1."""
    line_start = source.rfind(b"\n", 0, at) + 1
    column = len(source[line_start:at].decode()) + 1
    return {"line": source.count(b"\n", 0, at) + 1, "column": column}
