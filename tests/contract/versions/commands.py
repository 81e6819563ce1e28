"""The subcommands ``microblog-check diff``, ``compare`` and ``bisect``."""

import argparse
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.contract.checking import check_folder
from tests.contract.environment import find_interpreter
from tests.contract.installing import cache_folder
from tests.contract.reports.terminal import Terminal
from tests.contract.target_errors import CannotBeJudged
from tests.contract.verdicts import HOLD
from tests.contract.versions.bisect import bisect, show
from tests.contract.versions.compare import compare
from tests.contract.versions.difference import difference, read
from tests.contract.versions.ends import Request
from tests.contract.versions.renderings import publish
from tests.contract.versions.specs import HELP, parse
from tests.contract.versions.uv import find_uv
from tests.harness.plugin.catalogue import UnknownBehaviour, find
from tests.harness.target.target import REPOSITORY

#: The options that are passed to ``microblog-check``, with their metavariables.
PASSED_ON = {
    "--target-app": "MODULE[:NAME]",
    "--target-env": "KEY=VALUE",
    "--target-profile": "FILE.toml",
}


def diff(arguments: Sequence[str]) -> int:
    """Show the differences between two reports and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="microblog-check diff",
        description="Show which behaviours and packages changed between two reports.",
        epilog="exit status: 0 nothing broke, 1 something did, 2 a report is unusable",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("old", metavar="OLD.json", type=Path, help="behaviours.json, or its folder")
    add("new", metavar="NEW.json", type=Path, help="the later one")
    add("--report", type=Path, metavar="DIR", help="write JSON, Markdown, HTML here")
    given = parser.parse_args(arguments)
    found = difference(read(given.old), read(given.new))
    return publish(found, Terminal(), given.report)


def _parser(command: str, description: str) -> argparse.ArgumentParser:
    """Return a parser with the common arguments of ``compare`` and ``bisect``."""
    parser = argparse.ArgumentParser(
        prog=f"microblog-check {command}",
        description=description,
        epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "target",
        nargs="?",
        type=Path,
        metavar="TARGET",
        help="default: this repository",
    )
    add("--target-python", metavar="PYTHON", help="the interpreter of both ends")
    add("--report", type=Path, metavar="DIR", help="write reports to this folder")
    for option, metavar in PASSED_ON.items():
        add(option, action="append", default=[], metavar=metavar)
    return parser


def _request(given: argparse.Namespace, *arguments: str) -> Request:
    """Return the target to judge and its arguments.

    Raises:
        CannotBeJudged: The target does not exist, or uv is not installed.
    """
    find_uv()
    if given.target is None and not (REPOSITORY / "app").is_dir():
        raise CannotBeJudged("Name the folder of the implementation.")
    target = (given.target or REPOSITORY).absolute()
    check_folder(target)
    passed = [
        text
        for option in PASSED_ON
        for value in getattr(given, option[2:].replace("-", "_"))
        for text in (option, value)
    ]
    python = find_interpreter(target, given.target_python)
    return Request(target, python, (*passed, *arguments))


def compare_command(arguments: Sequence[str]) -> int:
    """Judge a target in two environments and return the exit status."""
    parser = _parser("compare", "Judge a target in two environments in parallel.")
    add = parser.add_argument
    add("--old", required=True, metavar="SPEC")
    add("--new", required=True, metavar="SPEC")
    add("--level", default="must", choices=["must", "should"])
    add("--behaviour", action="append", default=[], metavar="PREFIX")
    given = parser.parse_args(arguments)
    chosen = [text for one in given.behaviour for text in ("--behaviour", one)]
    request = _request(given, "--level", given.level, *chosen)
    terminal = Terminal()
    with ExitStack() as stack:
        folder = given.report or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="compare-"))
        )
        found = compare(request, parse(given.old), parse(given.new), folder, terminal)
        return publish(found, terminal, given.report)


def bisect_command(arguments: Sequence[str]) -> int:
    """Find the release that broke a behaviour and return the exit status."""
    parser = _parser("bisect", "Find the release of a package that broke a behaviour.")
    add = parser.add_argument
    add("--behaviour", required=True, metavar="ID")
    add("--good", required=True, metavar="SPEC", help="where it holds")
    add("--bad", required=True, metavar="SPEC", help="where it fails")
    given = parser.parse_args(arguments)
    try:
        level = find(given.behaviour).level
    except UnknownBehaviour as error:
        raise CannotBeJudged(str(error)) from None
    request = _request(given, "--level", level.lower())
    folder = given.report or cache_folder() / "bisections" / given.behaviour
    terminal = Terminal()
    good, bad = parse(given.good), parse(given.bad)
    show(bisect(request, given.behaviour, good, bad, folder, terminal), terminal)
    return HOLD


#: The function of each subcommand.
SUBCOMMANDS: Mapping[str, Callable[[Sequence[str]], int]] = {
    "diff": diff,
    "compare": compare_command,
    "bisect": bisect_command,
}
