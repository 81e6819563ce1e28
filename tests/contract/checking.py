"""Looks at what the command line names, before anything is done with it."""

import os
import shutil
import stat
from pathlib import Path

from tests.contract.target_errors import CannotBeJudged, not_readable


def check_folder(folder: Path) -> None:
    """
    See to it that *folder* is one, and can be read.

    :raise CannotBeJudged: there is no such folder, or no right to read it
    """
    try:
        mode = folder.stat().st_mode
    except PermissionError:
        raise not_readable(folder) from None
    except OSError:
        raise CannotBeJudged(
            f"There is no {folder}. --target names the target's folder."
        ) from None
    if not stat.S_ISDIR(mode):
        raise CannotBeJudged(
            f"{folder} is a file. --target names the folder that holds it."
        )
    demand_rights(folder)


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
    See to it that *python* can be run.

    :raise CannotBeJudged: it cannot
    """
    if shutil.which(python) is None:
        raise CannotBeJudged(f"There is no interpreter {python} (--target-python).")
