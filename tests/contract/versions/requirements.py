"""The requirements of a target: what its files declare, or what it imports."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from tests.contract.target_errors import CannotBeJudged
from tests.contract.versions.difference import canonical

#: The distributions that the modules of such applications come from.
DISTRIBUTIONS = {
    "alembic": "alembic",
    "dotenv": "python-dotenv",
    "email_validator": "email-validator",
    "flask": "flask",
    "flask_bootstrap": "flask-bootstrap",
    "flask_login": "flask-login",
    "flask_mail": "flask-mail",
    "flask_migrate": "flask-migrate",
    "flask_moment": "flask-moment",
    "flask_sqlalchemy": "flask-sqlalchemy",
    "flask_wtf": "flask-wtf",
    "sqlalchemy": "sqlalchemy",
    "werkzeug": "werkzeug",
    "wtforms": "wtforms",
}


def requirements_of(folder: Path) -> list[Requirement]:
    """Return the requirements of the application in a folder.

    They are those of its requirements.txt, or else of its pyproject.toml, or else the
    distributions that its modules import.

    Raises:
        CannotBeJudged: There are none, or they cannot be read.
    """
    for name in ("requirements.txt", "pyproject.toml"):
        if (folder / name).is_file() and (found := read_requirements(folder / name)):
            return found
    if found := [Requirement(name) for name in sorted(_imported(folder))]:
        return found
    raise CannotBeJudged(f"{folder} does not show what it requires.")


def read_requirements(path: Path) -> list[Requirement]:
    """Return the requirements that a requirements file or a pyproject.toml lists.

    Raises:
        CannotBeJudged: It cannot be read, or one of its lines is not a requirement.
    """
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".toml":
            project = tomllib.loads(text).get("project", {})
            return [Requirement(line) for line in project.get("dependencies", ())]
        return list(_requirements(path, text))
    except (OSError, ValueError) as error:  # as InvalidRequirement and TOMLDecodeError
        raise CannotBeJudged(f"{path} cannot be read: {error}") from None


def _requirements(path: Path, text: str) -> Iterator[Requirement]:
    """Yield the requirements of a requirements file, and of those that it includes."""
    for line in text.replace("\\\n", " ").splitlines():
        line = re.sub(r"(^|\s)#.*|\s--hash.*", "", line).strip()
        if included := re.match(r"(?:-r|--requirement)[\s=]*(\S+)", line):
            yield from read_requirements(path.parent / included[1])
        elif line and not line.startswith("-"):
            yield Requirement(line)


def _imported(folder: Path) -> set[str]:
    """Return the distributions that the modules below a folder import."""
    modules = {"email_validator"} if _validates_addresses(folder) else set()
    for path in _sources(folder):
        try:
            tree = ast.parse(path.read_bytes())
        except (OSError, SyntaxError, ValueError):
            continue  # the judge reports what is wrong with it
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.partition(".")[0])
    return {DISTRIBUTIONS[module] for module in modules & {*DISTRIBUTIONS}}


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).parts
        if not any(part.startswith(".") or part == "site-packages" for part in parts):
            yield path


def _validates_addresses(folder: Path) -> bool:
    """Tell whether WTForms' Email validator, which needs a package, is used."""
    return any(b"Email(" in path.read_bytes() for path in _sources(folder))


def without_pins(requirements: Iterable[Requirement]) -> list[Requirement]:
    """Return requirements that leave the version open where they had one exact one."""
    return [
        _with_specifiers(one, [each for each in _specifiers(one) if each[0] != "="])
        for one in requirements
    ]


def from_pins(requirements: Iterable[Requirement]) -> list[Requirement]:
    """Return requirements that allow later versions where they had one exact one."""
    return [
        _with_specifiers(one, [re.sub("^=+", ">=", each) for each in _specifiers(one)])
        for one in requirements
    ]


def _specifiers(requirement: Requirement) -> list[str]:
    return sorted(map(str, requirement.specifier))


def _with_specifiers(requirement: Requirement, specifiers: list[str]) -> Requirement:
    changed = Requirement(str(requirement))
    changed.specifier = SpecifierSet(",".join(specifiers))
    return changed


def overridden(
    requirements: Iterable[Requirement], others: Iterable[Requirement]
) -> list[Requirement]:
    """Return both, the second instead of the first where the package is the same."""
    by_name = {canonical(one.name): one for one in others}
    kept = [one for one in requirements if canonical(one.name) not in by_name]
    return [*kept, *by_name.values()]


def parsed(text: str) -> Requirement | None:
    """Return a requirement, or None if the text is not one."""
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None
