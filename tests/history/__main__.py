"""``python -m tests.history [--quick] [--bisect] [NAME ...]``: releases that broke.

Each row of history.toml is an application that relied on what a release removed or
changed. It is judged with the packages before and after it: exactly the behaviours of
the row may change. With --bisect, the release is searched for without a hint.
"""

import argparse
import io
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.contract.reports.terminal import Terminal
from tests.contract.target_errors import CannotBeJudged
from tests.contract.versions.bisect import bisect
from tests.contract.versions.compare import compare
from tests.contract.versions.ends import Request
from tests.contract.versions.specs import parse
from tests.faults.table import Misplaced
from tests.history.table import TABLE, Row, read_table

#: What the stand-in is known to be, so that not every run has to find it out.
PROFILE = 'app = "app:app"\nschema = "models"\n'

#: Judges an application of a row; returns what is wrong with the row, and a remark.
Try = Callable[[Row, Request, Path], tuple[list[str], str]]


def compared(row: Row, request: Request, scratch: Path) -> tuple[list[str], str]:
    """Compare the row's two sets of packages; return its deviations and a headline."""
    found = compare(
        *(request, parse(row.old), parse(row.new)),
        scratch / "reports",
        Terminal(io.StringIO()),
    )
    return row.deviations(found), found.headline


def bisected(row: Row, request: Request, scratch: Path) -> tuple[list[str], str]:
    """Search for the release; return what deviates from the row, and what was found."""
    if not row.broken:
        return [], "nothing broke"
    good, bad = map(parse, row.ends)
    result = bisect(
        *(request, min(row.broken), good, bad),
        scratch / "reports",
        Terminal(io.StringIO()),
    )
    first = result.changes[0]
    right = first.name == row.package and first.after.startswith(row.release)
    summary = f"{first}, {result.judgements} judgements"
    return [] if right else [f"found {first}, not {row.package} {row.release}"], summary


def try_out(row: Row, how: Try) -> tuple[list[str], str]:
    """Judge the application of a row; return what deviates, and a remark."""
    with tempfile.TemporaryDirectory(prefix="history-") as folder:
        scratch = Path(folder)
        profile = scratch / "profile.toml"
        profile.write_text(PROFILE, encoding="utf-8")
        arguments = ("--target-profile", str(profile), *row.arguments)
        request = Request(scratch / "modular", sys.executable, arguments)
        try:
            row.put_into(request.target)
            return how(row, request, scratch)
        except (CannotBeJudged, Misplaced) as error:
            return [str(error)], ""


def main(arguments: Sequence[str]) -> int:
    """Try the rows that are chosen; return 0 if each breaks what the table says."""
    parser = argparse.ArgumentParser(prog="tox -e history --", allow_abbrev=False)
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="part of a row's name")
    add("--quick", action="store_true", help="only a few rows")
    add("--bisect", action="store_true", help="search for the release")
    add("--table", type=Path, default=TABLE, metavar="FILE.toml", help="another table")
    given = parser.parse_args(arguments)
    rows, unavailable = read_table(given.table)
    chosen = [
        row
        for row in rows
        if (row.quick or not given.quick)
        and (not given.names or any(name in row.name for name in given.names))
    ]
    terminal = Terminal()
    begun = time.monotonic()
    wrong = 0
    for row in chosen:
        started = time.monotonic()
        deviations, remark = try_out(row, bisected if given.bisect else compared)
        seconds = time.monotonic() - started
        wrong += bool(deviations)
        word = "WRONG" if deviations else "ok"
        terminal.line(f"{word:7}{seconds:5.1f} s  {row.name}")
        for line in filter(None, [remark, *deviations]):
            terminal.line(textwrap.indent(line, " " * 16))
    terminal.line()
    for one in unavailable:
        terminal.line(f"no row: {one.name}: {one.reason}")
    seconds = time.monotonic() - begun
    right = len(chosen) - wrong
    terminal.line(f"{right} of {len(chosen)} as the table says, in {seconds:.0f} s")
    return int(wrong > 0 or not chosen)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
