"""Looks at what the command line names, before anything is done with it."""

import difflib
import os
import re
import shutil
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

from tests.contract.target_errors import OutsideTarget, not_readable

#: The ends of files that hold a folder.
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".xz", ".bz2", ".7z", ".rar")
#: The oldest Python that a target may run on.
OLDEST = (3, 8)


def check_folder(folder: Path) -> None:
    """
    See to it that *folder* is one, and can be read.

    :raise OutsideTarget: there is no such folder, or no right to read it
    """
    try:
        mode = folder.stat().st_mode
    except PermissionError:
        raise not_readable(folder) from None
    except OSError:
        raise OutsideTarget(
            f"There is no {folder}. Name the target's folder{_nearest(folder)}."
        ) from None
    if folder.suffix.lower() in ARCHIVES and not stat.S_ISDIR(mode):
        raise OutsideTarget(
            f"{folder} is an archive. Unpack it, and name the folder that comes out."
        )
    if not stat.S_ISDIR(mode):
        raise OutsideTarget(
            f"{folder} is a file. Name the folder that holds it: {folder.parent}."
        )
    demand_rights(folder)


def _nearest(folder: Path) -> str:
    """Return the folder that may have been meant, as the end of a sentence, or ""."""
    with suppress(OSError):
        names = [path.name for path in folder.parent.iterdir() if path.is_dir()]
        for near in difflib.get_close_matches(folder.name, names, 1):
            return f", perhaps {folder.parent / near}"
    return ""


def demand_rights(folder: Path) -> None:
    """
    See to it that *folder* may be listed and entered.

    :raise CannotBeJudged: it may not
    """
    try:
        os.listdir(folder)
        os.stat(os.path.join(folder, "."))
    except PermissionError:
        raise not_readable(folder) from None


def check_python(python: str) -> None:
    """
    See to it that *python* can be run, and is new enough.

    :raise OutsideTarget: it cannot, or is too old
    """
    if shutil.which(python) is None:
        raise OutsideTarget(
            f"There is no interpreter {python} (--target-python). Make an environment "
            "with python3 -m venv, or let --install make one."
        )
    program = "import sys; print('%d %d' % sys.version_info[:2])"
    said = ""
    with suppress(OSError, subprocess.SubprocessError):
        said = subprocess.run(
            [python, "-c", program], capture_output=True, text=True, timeout=20
        ).stdout
    if re.fullmatch(r"\d+ \d+\n", said):
        major, minor = map(int, said.split())
        if (major, minor) < OLDEST:
            raise OutsideTarget(
                f"{python} is Python {major}.{minor}, which is too old to be judged "
                f"with: name 3.{OLDEST[1]} or newer with --target-python, or let "
                "--install make an environment."
            )
