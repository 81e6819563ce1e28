"""Finds the Flask application in a folder by reading its sources."""

import ast
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.contract.checking import demand_rights
from tests.contract.target_errors import CannotBeJudged, not_readable

#: Usual names of the module that starts the application, the likeliest first.
STARTERS = (
    *("microblog", "wsgi", "run", "main"),
    *("app", "application", "server", "manage"),
)
FACTORIES = ("create_app", "make_app")
SKIPPED = ("tests", "test", "migrations", "venv", "env", "node_modules", "docs")


@dataclass(frozen=True)
class Candidate:
    """An application to try: its folder, and MODULE or MODULE:NAME."""

    folder: Path
    app: str
    rank: int = 0


def candidates(folder: Path) -> list[Candidate]:
    """Return the applications that may be meant, the likeliest first.

    Raises:
        CannotBeJudged: There is none, or a file may not be read.
    """
    found = list(_in(folder))
    if not found:
        for below in sorted(folder.iterdir()):
            if below.is_dir() and _may_hold_one(below):
                demand_rights(below)
                found += _in(below)
    if not found:
        raise CannotBeJudged(
            f"{folder} is not a Flask application: no module in it, nor one folder "
            "down, makes a Flask object or has a create_app. Name the folder that "
            "holds the application, or the module: --target-app MODULE:NAME."
        )
    return sorted(found, key=lambda one: -one.rank)


def _may_hold_one(folder: Path) -> bool:
    name = folder.name
    environment = os.path.exists(folder / "pyvenv.cfg")  # False without rights
    return not (name.startswith((".", "_")) or name in SKIPPED or environment)


def _in(folder: Path) -> Iterator[Candidate]:
    named = _flask_app(folder)
    for path, module in _modules(folder):
        try:
            source = path.read_bytes()
            tree = ast.parse(source)
        except PermissionError:
            raise not_readable(path) from None
        except (SyntaxError, ValueError):
            # Importing it shows what is wrong, and where.
            if path.stem in STARTERS or path.name == "__init__.py":
                yield Candidate(folder, module, 1)
            continue
        for name, rank in _applications(tree):
            rank += 3 if module in STARTERS[:4] else 0
            # A package, or what has a database, goes before a script beside it.
            rank += 1 if path.name == "__init__.py" else 0
            rank += 2 if b"sqlalchemy" in source.lower() else 0
            rank += 20 if named in (module, f"{module}:{name}") else 0
            yield Candidate(folder, f"{module}:{name}", rank)


def _modules(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the modules of a folder and its packages, by path and import name."""
    for path in sorted(folder.glob("*.py")):
        yield path, path.stem
    for path in sorted(folder.glob("*/__init__.py")):
        if _may_hold_one(path.parent):
            yield path, path.parent.name
            for inner in ("app", "main", "application", "factory", "run", "server"):
                if (path.parent / f"{inner}.py").exists():
                    yield path.parent / f"{inner}.py", f"{path.parent.name}.{inner}"


def _flask_app(folder: Path) -> str:
    """Return FLASK_APP of the folder's dot files, as MODULE or MODULE:NAME."""
    for name in (".flaskenv", ".env"):
        try:
            text = (folder / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        found = re.search(
            r"^\s*(?:export +)?FLASK_APP *= *['\"]?([^\s'\"]+)", text, re.M
        )
        if found:
            module, _, attribute = found[1].partition(":")
            module = module.removesuffix(".py").replace("/", ".").strip(".")
            return f"{module}:{attribute}" if attribute else module
    return ""


def _applications(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield the names that may be an application or a factory, with their rank."""
    for node in _top_level(tree.body):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=called)):
                called_name = ast.unparse(called).rpartition(".")[2]
                if called_name == "Flask":
                    yield name, 6
                elif called_name in FACTORIES:
                    yield name, 8
            case ast.ImportFrom(names=names):
                for alias in names:
                    bound = alias.asname or alias.name
                    if alias.name in ("app", "application"):
                        yield bound, 2
            case ast.FunctionDef(name=name, body=body):
                made = any(
                    isinstance(inner, ast.Call)
                    and ast.unparse(inner.func).rpartition(".")[2] == "Flask"
                    for statement in body
                    for inner in ast.walk(statement)
                )
                if made or name in FACTORIES:
                    yield name, 4


def _top_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run at import, including conditional ones."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try):
            yield from _top_level(node.body)
