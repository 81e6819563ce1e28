"""Runs uv, which resolves requirements and creates environments."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.contract.target_errors import CannotBeJudged

#: The maximum seconds of one command; it may have to build packages.
TIMEOUT = 600.0


class NotInstallable(Exception):
    """A set of packages cannot be resolved or installed; the message is uv's."""


def find_uv(environ: Mapping[str, str] = os.environ) -> str:
    """Return the path of uv.

    Raises:
        CannotBeJudged: It is not installed.
    """
    folders = [str(Path(sys.executable).parent), environ.get("PATH", os.defpath)]
    if found := shutil.which("uv", path=os.pathsep.join(folders)):
        return found
    raise CannotBeJudged(
        "This command creates environments with uv, which is not installed: "
        "pip install uv"
    )


def uv(*arguments: str, cwd: Path) -> str:
    """Run uv in a folder and return its standard output.

    Raises:
        NotInstallable: It fails.
    """
    try:
        finished = subprocess.run(
            [find_uv(), "--quiet", *arguments],
            cwd=cwd,
            env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        raise NotInstallable(f"uv took more than {TIMEOUT:.0f} s") from None
    if finished.returncode != 0:
        raise NotInstallable(finished.stderr.strip())
    return finished.stdout
