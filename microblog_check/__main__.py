"""The command `microblog-check`, which is also ``python -m microblog_check``."""

import sys
from pathlib import Path


def suite_folder() -> Path:
    """Return the folder that contains the suite.

    A wheel carries the suite within this package, so that no package called ``tests``
    is installed; in a checkout it lies next to this package.
    """
    package = Path(__file__).parent
    installed = package / "suite"
    return installed if installed.is_dir() else package.parent


def main() -> int:
    """Judge what the command line names; return the exit status."""
    sys.path.insert(0, str(suite_folder()))
    from tests.contract.__main__ import main as judge

    return judge()


if __name__ == "__main__":
    raise SystemExit(main())
