"""Checks the folder and the interpreter on the command line before they are used."""

import difflib
import os
import re
import shutil
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

from tests.contract.target_errors import OutsideTarget, not_readable

#: The suffixes of archives.
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".xz", ".bz2", ".7z", ".rar")
#: The oldest supported Python.
OLDEST = (3, 8)


def check_folder(folder: Path) -> None:
    """Raise an error unless *folder* is a readable folder.

    Raises:
        OutsideTarget: It does not exist, or is a file.
        CannotBeJudged: It cannot be read.
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
            f"{folder} is an archive. Unpack it, and name the resulting folder."
        )
    if not stat.S_ISDIR(mode):
        raise OutsideTarget(f"{folder} is a file. Name its folder: {folder.parent}.")
    demand_rights(folder)


def _nearest(folder: Path) -> str:
    """Return a folder of a similar name as the end of a sentence, or ""."""
    with suppress(OSError):
        names = [path.name for path in folder.parent.iterdir() if path.is_dir()]
        for near in difflib.get_close_matches(folder.name, names, 1):
            return f", perhaps {folder.parent / near}"
    return ""


def demand_rights(folder: Path) -> None:
    """Raise an error unless *folder* can be listed and entered.

    Raises:
        CannotBeJudged: The permissions do not allow it.
    """
    try:
        os.listdir(folder)
        os.stat(os.path.join(folder, "."))
    except PermissionError:
        raise not_readable(folder) from None


def check_python(python: str) -> None:
    """Raise an error unless *python* exists and is a supported version.

    Raises:
        OutsideTarget: It does not exist, or is too old.
    """
    if shutil.which(python) is None:
        raise OutsideTarget(
            f"There is no interpreter {python} (--target-python). Create an "
            "environment with python3 -m venv, or use --install."
        )
    program = "import sys; print('%d %d' % sys.version_info[:2])"
    output = ""
    with suppress(OSError, subprocess.SubprocessError):
        output = subprocess.run(
            [python, "-c", program], capture_output=True, text=True, timeout=20
        ).stdout
    if re.fullmatch(r"\d+ \d+\n", output):
        major, minor = map(int, output.split())
        if (major, minor) < OLDEST:
            raise OutsideTarget(
                f"{python} is Python {major}.{minor}, which is not supported: name "
                f"3.{OLDEST[1]} or newer with --target-python, or use --install."
            )
