"""The command `microblog-check`, which is also ``python -m microblog_check``."""

import sys
from pathlib import Path

#: The oldest Python that the suite runs on; a target may run on an older one.
OLDEST = (3, 11)


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
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:2]))
        sys.stderr.write(
            f"microblog-check needs Python 3.11 or newer, and this is {found}; the "
            "application itself may run on an older one (--target-python).\n"
        )
        return 2
    sys.path.insert(0, str(suite_folder()))
    from tests.contract.__main__ import main as judge

    return judge()


if __name__ == "__main__":
    raise SystemExit(main())
