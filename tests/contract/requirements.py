"""The packages that a target needs, as its own files or its imports name them."""

import ast
import codecs
import json
import os
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.contract.packages import distribution
from tests.contract.target_errors import (
    FLASK_1,
    FLASK_2,
    FLASK_2_1,
    FLASK_2_2,
    REMOVED,
    CannotBeJudged,
)

#: Folders whose code is not the application's.
SKIPPED = ("tests", "test", "docs", "node_modules", "venv", "env", "site-packages")

#: A mark at the beginning of a text file, and the encoding that it stands for.
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Requirements:
    """What to install for a target, and where that was read."""

    source: str
    lines: tuple[str, ...]
    #: The versions that a lock file pins, as pip's constraints.
    constraints: tuple[str, ...] = ()


def find_requirements(folder: Path) -> Requirements:
    """Return what a target needs, from the first of its files that says so.

    Lock files come first, as they are what the author ran; then requirements*.txt,
    Pipfile and pyproject.toml, in the folder or one folder down, and at last the
    imports of the code.

    Raises:
        CannotBeJudged: A file cannot be read, or nothing is needed at all.
    """
    below = [path for path in sorted(folder.iterdir()) if path.is_dir()]
    places = [folder, *(path for path in below if _is_own(path / "x", folder))]
    for place in places:
        for name in READERS:
            if (found := read_requirements(place / name)).lines:
                return with_limits(found, folder)
    if (found := imports(folder)).lines:
        return found
    raise CannotBeJudged(
        f"{folder} has no requirements.txt, pyproject.toml or lock file, and its code "
        "imports no package: there is nothing to install."
    )


def with_limits(needed: Requirements, folder: Path) -> Requirements:
    """Return requirements with limits for what they leave open.

    An older Flask takes any newer Werkzeug, and does not work with it. Without a
    version of Flask, the code decides what is too new.
    """
    if "flask" in map(str.lower, needed.lines):
        return replace(needed, constraints=imports(folder).constraints)
    pins = dict(re.findall(r"^([\w.-]+) *==+ *([\d.]+)", "\n".join(needed.lines), re.M))
    named = {name.lower() for name in pins}
    flask = next((pins[name] for name in pins if name.lower() == "flask"), "9")
    release = tuple(map(int, re.findall(r"\d+", flask)[:2]))
    for limits in (FLASK_1, FLASK_2_1, FLASK_2_2, FLASK_2):
        first, *others = limits.split()
        if release < tuple(map(int, re.findall(r"\d+", first))):
            open_ = [
                one for one in others if one.partition("<")[0].lower() not in named
            ]
            return replace(needed, constraints=(*needed.constraints, *open_))
    return needed


def read_requirements(file: Path) -> Requirements:
    """Return what one file asks for: one of `READERS`, or else a requirements file.

    Raises:
        CannotBeJudged: It cannot be read.
    """
    try:
        if reader := READERS.get(file.name):
            return reader(file.parent) or Requirements(file.name, ())
        return Requirements(file.name, tuple(_lines(file)))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotBeJudged(
            f"{file} cannot be read: {error}. Mend or remove it."
        ) from None


def decoded(data: bytes) -> str:
    """Return the text of a file that an editor or PowerShell may have written.

    Raises:
        ValueError: It is not a text in UTF-8 or UTF-16.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding)
    if b"\0" in data[:4]:
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be")
    return data.decode("utf-8")


def uv_lock(folder: Path) -> Requirements | None:
    """Return the dependencies of pyproject.toml in the versions of uv.lock."""
    return _locked(folder, "uv.lock")


def poetry_lock(folder: Path) -> Requirements | None:
    """Return the dependencies of pyproject.toml in the versions of poetry.lock."""
    return _locked(folder, "poetry.lock")


def _locked(folder: Path, name: str) -> Requirements | None:
    lock = _toml(folder / name)
    direct = pyproject(folder)
    if lock is None or direct is None:
        return None
    pins: dict[str, str] = {}
    for package in lock.get("package", []):
        source = package.get("source", {})
        local = any(kind in source for kind in ("virtual", "editable", "directory"))
        # Two versions of one package are for different systems: the resolver chooses.
        if not local and package.get("version"):
            twice = package["name"] in pins
            pins[package["name"]] = "" if twice else package["version"]
    constraints = [f"{one}=={version}" for one, version in pins.items() if version]
    return Requirements(name, direct.lines, tuple(constraints))


def pipfile_lock(folder: Path) -> Requirements | None:
    """Return the packages of Pipfile.lock."""
    text = _text(folder / "Pipfile.lock")
    if text is None:
        return None
    packages: Mapping[str, Any] = json.loads(text)["default"]
    return Requirements("Pipfile.lock", tuple(_pipenv(packages)))


def pipfile(folder: Path) -> Requirements | None:
    """Return the packages of a Pipfile."""
    packages = (_toml(folder / "Pipfile") or {}).get("packages", {})
    return Requirements("Pipfile", tuple(_pipenv(packages)))


def _pipenv(packages: Mapping[str, Any]) -> Iterator[str]:
    for name, said in packages.items():
        table = said if isinstance(said, dict) else {"version": said}
        if "git" in table:
            yield f"{name} @ git+{table['git']}@{table.get('ref', 'HEAD')}"
        elif "path" not in table:
            version = table.get("version", "*").replace("*", "")
            markers = f" ; {table['markers']}" if "markers" in table else ""
            yield f"{name}{version}{markers}"


def requirements_txt(folder: Path) -> Requirements | None:
    """Return the lines of requirements.txt, or else of all requirements*.txt."""
    files = [folder / "requirements.txt"]
    if not os.path.isfile(files[0]):
        files = sorted([*folder.glob("requirements*.txt"), *_in_a_folder(folder)])
    if not files:
        return None
    lines = [line for file in files for line in _lines(file)]
    names = ", ".join(file.relative_to(folder).as_posix() for file in files)
    return Requirements(names, tuple(dict.fromkeys(lines)))


def _in_a_folder(folder: Path) -> list[Path]:
    """Return the files of requirements/: what is common to all others, or all."""
    found = sorted((folder / "requirements").glob("*.txt"))
    common = [file for file in found if file.stem in ("base", "common")]
    return common or found


def _lines(file: Path) -> Iterator[str]:
    """Yield the lines of a requirements file, and of those that it includes."""
    text = _text(file)
    if text is None:
        raise CannotBeJudged(f"{file} is missing: another requirements file names it.")
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        included = re.match(r"(?:-r|--requirement)[ =]*(.+)", line)
        if included:
            yield from _lines(file.parent / included[1])
        # `pip freeze` writes what no index has: the project itself, and on Debian
        # https://bugs.debian.org/871790
        elif line and not re.match(r"-e +[.]|[.]|pkg[-_]resources==0\.0\.0", line):
            # Where Anaconda has built a package.
            yield re.sub(r" @ file:///.*", "", line)


def pyproject(folder: Path) -> Requirements | None:
    """Return the dependencies in pyproject.toml, of the project or of Poetry."""
    table = _toml(folder / "pyproject.toml") or {}
    project = table.get("project", {}).get("dependencies", [])
    poetry = table.get("tool", {}).get("poetry", {})
    lines = [*project]
    for key in ("dependencies", "dev-dependencies"):  # some import the latter, too
        lines += _poetry(poetry.get(key, {}))
    return Requirements("pyproject.toml", tuple(lines)) if lines else None


def _poetry(packages: Mapping[str, Any]) -> Iterator[str]:
    for name, said in packages.items():
        table = said if isinstance(said, dict) else {"version": said}
        if name != "python" and not table.get("optional"):
            versions = str(table.get("version", "*")).split(",")
            yield name + ",".join(filter(None, map(_specifier, versions)))


def _specifier(version: str) -> str:
    """Return a version as Poetry writes it as pip understands it."""
    version = version.strip()
    release = version.lstrip("^~=")
    parts = release.split(".")
    if version.startswith("^"):  # up to the next major release, or minor one of 0.x
        return f">={release},=={'.'.join(parts[: 1 + (parts[0] == '0')])}.*"
    if version.startswith("~") and not version.startswith("~="):
        return f">={release},=={'.'.join(parts[:2])}.*"
    return f"=={version}" if version[:1].isdigit() else version.replace("*", "")


def imports(folder: Path) -> Requirements:
    """Return the packages that the code imports and neither it nor Python has.

    They are constrained to releases that still have what the code uses.
    """
    files = [path for path in sorted(folder.rglob("*.py")) if _is_own(path, folder)]
    own = {path.stem for path in files} | {
        part for path in files for part in path.relative_to(folder).parts[:-1]
    }
    found: set[str] = set()
    still: set[str] = set()
    for path in files:
        try:
            tree = ast.parse(path.read_bytes())
        except (OSError, SyntaxError, ValueError):
            continue  # importing it will say what is wrong
        modules = set(_imported(tree.body))
        found |= modules
        still |= set(_limits(tree, own))
        if any(
            isinstance(node, ast.Name) and node.id == "Email" for node in ast.walk(tree)
        ):
            found.add("email_validator")  # WTForms' validator needs it
    named = sorted(
        {distribution(one) for one in found - own - set(sys.stdlib_module_names)},
        key=str.lower,
    )
    return Requirements("the imports of its code", tuple(named), tuple(sorted(still)))


def _limits(tree: ast.AST, own: set[str]) -> Iterator[str]:
    """Yield constraints without which code uses what its packages have removed.

    Args:
        own: The names of the target's own modules.
    """
    errors = "\n".join(_errors(tree, own))
    for pattern, _, still in REMOVED:
        if not still.startswith("Python") and re.search(pattern, errors):
            yield from still.split()


def _errors(tree: ast.AST, own: set[str]) -> Iterator[str]:
    """Yield the message of the error that each name would cause if it was missing."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module=str(module), names=names, level=0):
                if module.partition(".")[0] not in own:
                    yield f"No module named '{module}'"
                    for alias in names:
                        yield f"cannot import name '{alias.name}' from '{module}'"
            case ast.Import(names=names):
                yield from (f"No module named '{alias.name}'" for alias in names)
            case ast.Call(func=ast.Attribute(value=owner, attr="paginate"), args=args):
                # db.paginate(query), which is newer, has one positional argument.
                if args and getattr(owner, "id", "") != "db":
                    yield "paginate() takes 1 positional argument"
            case ast.Attribute(attr=name):
                yield f"no attribute '{name}'"


def _is_own(path: Path, folder: Path) -> bool:
    """Return whether a file is part of the application."""
    parents = path.relative_to(folder).parts[:-1]
    return not any(
        part.startswith(".")
        or part in SKIPPED
        or os.path.exists(folder.joinpath(*parents[: depth + 1], "pyvenv.cfg"))
        for depth, part in enumerate(parents)
    )


def _imported(body: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the packages that are imported, but for those that may be missing."""
    for node in body:
        match node:
            case ast.Import(names=names):
                yield from (alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]
            case ast.Try(handlers=handlers) if "ImportError" in str(
                [ast.unparse(handler) for handler in handlers]
            ):
                pass
            case _:
                yield from _imported(ast.iter_child_nodes(node))


#: The readers of a target's files, by the file, the one to trust most first.
READERS: Mapping[str, Callable[[Path], Requirements | None]] = {
    "uv.lock": uv_lock,
    "poetry.lock": poetry_lock,
    "Pipfile.lock": pipfile_lock,
    "requirements.txt": requirements_txt,
    "Pipfile": pipfile,
    "pyproject.toml": pyproject,
}


def _text(file: Path) -> str | None:
    """Return the text of a file, None if there is none."""
    try:
        return decoded(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise CannotBeJudged(f"{file} cannot be read: {error}") from None


def _toml(file: Path) -> dict[str, Any] | None:
    text = _text(file)
    try:
        return None if text is None else tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CannotBeJudged(f"{file} cannot be read: {error}") from None
