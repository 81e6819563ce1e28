"""Specifications of one end of a comparison on the command line."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from packaging.requirements import Requirement

from tests.contract.environment import interpreter_in
from tests.contract.target_errors import CannotBeJudged
from tests.contract.versions.requirements import parsed

HELP = """\
a SPEC is one of these, or several with commas between them:
  2023-09-01               what the index offered at the end of that day
  latest                   what it offers today
  lowest                   the lower bounds of the target's requirements
  main                     the main branches of Flask and its neighbours
  requirements.txt         this file instead of the target's requirements
  pylock.toml, uv.lock, poetry.lock
                           exactly what the lock lists
  'werkzeug>=2.3,<3'       a requirement in addition to the target's, or instead of
                           its own for that package
  python3.12               the interpreter: a version, a path, a virtual environment
"""

#: The repositories of packages on GitHub.
MAIN = {
    "click": "pallets/click",
    "flask": "pallets/flask",
    "flask-login": "maxcountryman/flask-login",
    "flask-sqlalchemy": "pallets-eco/flask-sqlalchemy",
    "flask-wtf": "pallets-eco/flask-wtf",
    "itsdangerous": "pallets/itsdangerous",
    "jinja2": "pallets/jinja",
    "markupsafe": "pallets/markupsafe",
    "sqlalchemy": "sqlalchemy/sqlalchemy",
    "werkzeug": "pallets/werkzeug",
    "wtforms": "pallets-eco/wtforms",
}


@dataclass(frozen=True)
class Spec:
    """The packages and the interpreter of one end of a comparison."""

    text: str
    #: A version, an interpreter or a virtual environment; "" for the target's own.
    python: str = ""
    #: The time from which releases are left out, None for no time.
    before: datetime | None = None
    lowest: bool = False
    main: bool = False
    #: A file with requirements instead of the target's, or a lock.
    file: Path | None = None
    requirements: tuple[Requirement, ...] = ()

    @property
    def is_lock(self) -> bool:
        """Whether the file lists exact versions, so that nothing is resolved."""
        return self.file is not None and (
            self.file.name in ("uv.lock", "poetry.lock")
            or self.file.name.startswith("pylock.")
        )


def parse(text: str) -> Spec:
    """Parse a SPEC of the command line.

    Raises:
        CannotBeJudged: It is not valid.
    """
    values: dict[str, object] = {}
    requirements = []
    for part in _parts(text):
        requirement = None
        if re.fullmatch(r"\d{4}-\d\d-\d\d", part):
            values["before"] = _end_of_day(part)
        elif part in ("lowest", "main"):
            values[part] = True
        elif part == "latest":
            pass
        elif re.fullmatch(r"(python|pypy)?\d+(\.\d+)*", part) or _is_interpreter(part):
            values["python"] = part.removeprefix("python")
        elif Path(part).is_file():
            values["file"] = Path(part).absolute()
        elif requirement := parsed(part):
            requirements.append(requirement)
        else:
            raise CannotBeJudged(f"{part!r} is not a valid SPEC.\n{HELP}")
    return Spec(text, **values, requirements=tuple(requirements))  # type: ignore[arg-type]


def _parts(text: str) -> list[str]:
    """Split a text at commas, except those between specifiers or within extras."""
    parts = re.split(r",(?![^\[]*\])(?!\s*[<>=!~])", text)
    return [part.strip() for part in parts if part.strip()]


def _end_of_day(text: str) -> datetime:
    try:
        day = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise CannotBeJudged(f"{text}: {error}") from None
    return day + timedelta(days=1)


def _is_interpreter(text: str) -> bool:
    """Return whether a text is the path of an interpreter or virtual environment."""
    path = Path(text)
    if path.is_dir():
        return interpreter_in(path) is not None
    return (
        path.is_file()
        and re.match(r"(python|pypy)[\d.]*(\.exe)?$", path.name) is not None
    )


def main_branch(name: str) -> str:
    """Return the requirement for the main branch of a package of `MAIN`."""
    return f"{name} @ https://github.com/{MAIN[name]}/archive/refs/heads/main.tar.gz"
