"""Which tests can notice a mutant: those that run its lines, by coverage's contexts."""

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import pytest
from coverage import CoverageData

from tests.mutation.operators import Mutant

#: The tests that run for long are left out.
NOT_SLOW = ("-m", "not slow")
#: Unit tests of something else.
NOT_OF_APP = ("harness", "contract", "mutation")
#: Modules of tests that serve something else, or take long.
_NOT_ABOUT_SITES = re.compile(
    r"/(browser|contract|harness)/|test_(contract|chapters|mutation)"
)
#: Modules of tests that run on PostgreSQL only.
_ON_POSTGRES = re.compile(r"/test_postgres")


class Coverage:
    """The lines that each test runs."""

    def __init__(self, data: Path, root: Path) -> None:
        self._root = root
        found = CoverageData(str(data))
        found.read()
        #: By file and line: the tests, and whether while they were set up;
        #: no test for what is run on import.
        self._lines: dict[str, dict[int, set[tuple[str, bool]]]] = {}
        self._sizes: Counter[str] = Counter()
        for measured, file in _app_files(found):
            by_line = self._lines.setdefault(file, {})
            for line, contexts in found.contexts_by_lineno(measured).items():
                # Without a test it was on import, of the first that needed the module.
                tests = {context.rpartition("|") for context in contexts}
                by_line[line] = {(test, phase != "run") for test, _, phase in tests}
                self._sizes.update({test for test, _, _ in tests if test})

    def tests(self, mutant: Mutant) -> list[str]:
        """Return the tests that can notice a mutant, the most specific first.

        What is run on import, or while fixtures are set up that tests share, concerns
        all tests of the module and of the modules that import it.
        """
        if mutant.file.endswith(".html"):
            return self._sorted(self._rendering, mutant)
        lines = self._lines.get(mutant.file, {})
        first, last = mutant.lines
        found = set().union(*(lines.get(n, set()) for n in range(first, last + 1)))
        direct = {test for test, is_shared in found if not is_shared}
        tests = self._sorted(direct, mutant) if mutant.in_function else []
        if not mutant.in_function or any(is_shared for _, is_shared in found):
            tests += self._sorted(self._near(mutant.file) - set(tests), mutant)
        return tests

    def _near(self, file: str) -> set[str]:
        files = {file, *self._importers.get(Path(file).stem, ())}
        # All of that file: a test of the module's data runs none of its lines.
        named = {
            path.relative_to(self._root).as_posix()
            for path in (self._root / "tests/unit").rglob(f"test_{Path(file).stem}.py")
        }
        return named | {
            test
            for one in files
            for tests in self._lines.get(one, {}).values()
            for test, _ in tests
            if test and test.partition("::")[0] not in named
        }

    def _sorted(self, tests: Iterable[str], mutant: Mutant) -> list[str]:
        named = f"/test_{Path(mutant.file).stem}.py"
        return sorted(
            tests, key=lambda test: (named not in test, self._sizes[test], test)
        )

    def _source(self, file: str) -> str:
        return (self._root / file).read_text(encoding="utf-8")

    @cached_property
    def _rendering(self) -> set[str]:
        """The tests that render a template."""
        return {
            test
            for file, lines in self._lines.items()
            for number, text in enumerate(self._source(file).splitlines(), 1)
            if "render_template(" in text
            for test, _ in lines.get(number, ())
            if test
        }

    @cached_property
    def _importers(self) -> dict[str, set[str]]:
        """The files that import each module, by its last name."""
        importers: dict[str, set[str]] = {}
        # A package puts its modules together, and would name the tests of all.
        for path in (self._root / "app").rglob("[!_]*.py"):
            for node in ast.walk(ast.parse(path.read_bytes())):
                if isinstance(node, ast.ImportFrom) and node.level:
                    names = {alias.name for alias in node.names}
                    for name in {node.module or "", *names} - {""}:
                        file = path.relative_to(self._root).as_posix()
                        importers.setdefault(name, set()).add(file)
        return importers


class Sites:
    """The functions that each module of integration tests runs on served sites.

    Functions are kept by name, so that a change of the application needs no new
    measurement; a change of the module does.
    """

    def __init__(self, scopes: dict[str, set[tuple[str, str]]]) -> None:
        self._scopes = scopes

    @classmethod
    def measure(cls, copy: Path, folder: Path, postgres: bool = False) -> Self:
        """Return what the modules run on a database; those that changed are measured.

        Raises:
            subprocess.CalledProcessError: A test fails without a mutant.
        """
        measured = {}
        for path in sorted((copy / "tests/integration").rglob("test_*.py")):
            module = path.relative_to(copy).as_posix()
            if _NOT_ABOUT_SITES.search(module):
                continue
            if bool(_ON_POSTGRES.search(module)) == postgres:
                kept = folder / f"{path.stem}-{digest(copy, [module])}.json"
                if not kept.exists():
                    data = kept.with_suffix(".coverage")
                    options = ("--postgres",) if postgres else ()
                    measure(copy, data, [module, *NOT_SLOW], *options)
                    kept.write_text(json.dumps(_scopes(data, copy)), encoding="utf-8")
                    data.unlink(missing_ok=True)
                pairs = json.loads(kept.read_text(encoding="utf-8"))
                measured[module] = {(file, scope) for file, scope in pairs}
        return cls(measured)

    def tests(self, mutant: Mutant) -> list[str]:
        """Return the modules that can notice a mutant, the most specific first."""
        place = (mutant.file, mutant.scope)
        if not mutant.in_function or place not in set().union(*self._scopes.values()):
            place = (mutant.file, "")
        found = [name for name, scopes in self._scopes.items() if place in scopes]
        return sorted(found, key=lambda module: (len(self._scopes[module]), module))


def _app_files(data: CoverageData) -> list[tuple[str, str]]:
    """Return the measured files of the application: as measured, and from the root."""
    return [
        (measured, found[1])
        for measured in sorted(data.measured_files())
        if (found := re.search(r"(?:^|/)(app/.*)", measured))
    ]


def _scopes(data: Path, root: Path) -> list[tuple[str, str]]:
    """Return the files that were run, and the functions, as pairs with their file."""
    found = CoverageData(str(data))
    found.read()
    return [
        (file, scope)
        for measured, file in _app_files(found)
        for scope, lines in [("", range(1, 1 << 20)), *functions(root / file)]
        if any(line in lines for line in found.lines(measured) or ())
    ]


def functions(path: Path) -> list[tuple[str, range]]:
    """Return the functions of a module, with the lines of their bodies."""
    found = []
    nodes: list[tuple[str, ast.AST]] = []
    if path.suffix == ".py":  # and not a template that was compiled
        nodes.append(("", ast.parse(path.read_bytes())))
    for scope, node in nodes:
        for child in ast.iter_child_nodes(node):
            inner = f"{scope}.{getattr(child, 'name', '')}".strip(".")
            nodes.append((inner, child))
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                last = child.end_lineno or child.lineno
                found.append((inner, range(child.body[0].lineno, last + 1)))
    return found


def measure_unit_tests(copy: Path, folder: Path) -> Coverage:
    """Return what the unit tests cover; measured again if one of them, or app, changed.

    Raises:
        subprocess.CalledProcessError: A test fails without a mutant.
    """
    data = folder / f"unit-{digest(copy, ['app', 'tests/unit', 'tests/harness'])}"
    if not data.exists():
        ignored = [f"--ignore=tests/unit/{name}" for name in NOT_OF_APP]
        measure(copy, data, ["tests/unit", *ignored], "--cov-context=test")
    return Coverage(data, copy)


def measure(copy: Path, data: Path, tests: list[str], *options: str) -> None:
    """Run tests under coverage, and move the data to *data*."""
    command = [sys.executable, "-m", "pytest", "-qx", "-p", "no:randomly", *tests]
    with TemporaryDirectory() as scratch:
        unfinished = Path(scratch, "data")
        finished = subprocess.run(
            [*command, "--cov=app", "--cov-report=", *options],
            cwd=copy,
            env={**environment(), "COVERAGE_FILE": str(unfinished)},
            stdout=sys.stderr,
        )
        if finished.returncode != pytest.ExitCode.NO_TESTS_COLLECTED:
            finished.check_returncode()
            shutil.move(unfinished, data)


def environment() -> dict[str, str]:
    """Return the environment for tests, even if what starts them is measured itself."""
    return {k: v for k, v in os.environ.items() if not k.startswith("COV")}


def digest(root: Path, names: Iterable[str]) -> str:
    """Return a hash of files, and of the source files in folders."""
    found = hashlib.sha256()
    for name in names:
        path = root / name
        files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        for file in files:
            found.update(file.relative_to(root).as_posix().encode() + b"\0")
            found.update(file.read_bytes() + b"\0" if file.exists() else b"")
    return found.hexdigest()[:16]
