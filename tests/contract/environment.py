"""The interpreter of a target: that of its own virtual environment, if it has one."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.contract.target_errors import CannotBeJudged

#: The names that people give to a virtual environment within their project.
NAMES = ("venv", ".venv", "env", ".env")
#: Where the interpreter lies in one, on POSIX and on Windows.
INTERPRETERS = ("bin/python", "Scripts/python.exe")


def find_interpreter(
    folder: Path, given: str | None = None, environ: Mapping[str, str] = os.environ
) -> str:
    """Return the interpreter to start the target with.

    Links are not followed: the one in a virtual environment leads out of it.

    Args:
        folder: The folder of the target.
        given: An interpreter, or a virtual environment, that the user has named.
        environ: The variables, of which VIRTUAL_ENV names the active environment.

    Returns:
        The interpreter that was given; otherwise that of an environment within the
        target, of one next to it, or of the active one; otherwise the judge's own.

    Raises:
        CannotBeJudged: The given folder is not a virtual environment.
    """
    if given:
        if not os.path.isdir(given):
            return os.path.abspath(given) if os.path.dirname(given) else given
        if found := interpreter_in(Path(given)):
            return found
        raise CannotBeJudged(
            f"{given} is not a virtual environment: there is no bin/python in it."
        )
    places = [place / name for place in (folder, folder.parent) for name in NAMES]
    if active := environ.get("VIRTUAL_ENV"):
        places.append(Path(active))
    found_here = (interpreter_in(place) for place in places)
    return next(filter(None, found_here), sys.executable)


def interpreter_in(environment: Path) -> str | None:
    """Return the interpreter of a virtual environment, or None if it is not one."""
    for name in INTERPRETERS:
        path = environment / name
        try:
            if path.is_file():
                return os.path.abspath(path)
        except PermissionError:
            return None
    return None
