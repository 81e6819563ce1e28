"""Looks at what the command line names, before anything is done with it."""

import os
import shutil
import stat
from pathlib import Path

from tests.contract.unusable import Unusable, no_rights


def check_folder(folder: Path) -> None:
    """
    See to it that *folder* is one, and can be read.

    :raise Unusable: there is no such folder, or no right to read it
    """
    try:
        mode = folder.stat().st_mode
    except PermissionError:
        raise no_rights(folder) from None
    except OSError:
        raise Unusable(
            f"There is no {folder}. --target names the target's folder."
        ) from None
    if not stat.S_ISDIR(mode):
        raise Unusable(f"{folder} is a file. --target names the folder that holds it.")
    demand_rights(folder)


def demand_rights(folder: Path) -> None:
    """
    See to it that *folder* may be listed and entered.

    :raise Unusable: it may not
    """
    try:
        os.listdir(folder)
        os.stat(os.path.join(folder, "."))
    except PermissionError:
        raise no_rights(folder) from None


def check_python(python: str) -> None:
    """
    See to it that *python* can be run.

    :raise Unusable: it cannot
    """
    if shutil.which(python) is None:
        raise Unusable(f"There is no interpreter {python} (--target-python).")
