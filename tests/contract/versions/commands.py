"""The subcommands: `microblog-check diff`, `compare` and `bisect`."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.contract.reports.terminal import Terminal
from tests.contract.versions.difference import difference, read
from tests.contract.versions.renderings import publish


def diff(arguments: Sequence[str]) -> int:
    """Show what changed between two reports; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="microblog-check diff",
        description="Show which behaviours and packages changed between two reports.",
        epilog="exit status: 0 nothing broke, 1 something did, 2 a report is unusable",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("old", metavar="OLD.json", type=Path, help="behaviours.json, or its folder")
    add("new", metavar="NEW.json", type=Path, help="the later one")
    add("--report", type=Path, metavar="DIR", help="write JSON, Markdown, HTML there")
    given = parser.parse_args(arguments)
    found = difference(read(given.old), read(given.new))
    return publish(found, Terminal(), given.report)


#: What each subcommand does.
SUBCOMMANDS: Mapping[str, Callable[[Sequence[str]], int]] = {"diff": diff}
