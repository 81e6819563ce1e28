"""``python -m tests.integration.debug.document``: renew docs/debug-mode.md.

Its tables contain the parameters of the tests; the text around them is kept.
"""

import re
from collections.abc import Iterable, Sequence

from tests.harness.target.target import REPOSITORY
from tests.integration.debug.matrix import MATRIX
from tests.integration.debug.start_methods import WAYS

DOCUMENT = REPOSITORY / "docs" / "debug-mode.md"
Cell = str | bool | None
WORDS: dict[Cell, str] = {True: "on", False: "off", None: "unset"}


def table(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table in Markdown, with switches as words."""
    lines = [head, ["---"] * len(head)]
    lines += [[WORDS.get(cell, str(cell)) for cell in row] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def ways() -> str:
    """Return the table of all ways to start."""
    return table(
        ["started by", "debugger", "reloader", "error page", "log file", "mail"],
        [
            [
                f"`{way.command}`",
                way.mode.debugger,
                way.mode.reloader,
                way.mode.page,
                way.mode.log_file,
                way.mode.mail,
            ]
            for way in WAYS
        ],
    )


def matrix() -> str:
    """Return the exception matrix."""
    return table(
        [
            *("`DEBUG`", "`TESTING`", "`PROPAGATE_EXCEPTIONS`", "error page"),
            *("server's output", "log file", "mail", "signal"),
        ],
        [
            [
                case.debug,
                case.testing,
                case.propagate,
                outcome.page,
                outcome.output,
                outcome.log_file,
                outcome.mail,
                outcome.signal,
            ]
            for case, outcome in MATRIX.items()
        ],
    )


def renewed(text: str) -> str:
    """Return the document with renewed tables."""
    for name, made in [("ways", ways()), ("matrix", matrix())]:
        begin, end = f"<!-- {name}: made -->\n", f"<!-- {name}: end -->"
        text = re.sub(f"(?s){begin}.*?{end}", f"{begin}\n{made}\n{end}", text)
    return text


if __name__ == "__main__":
    DOCUMENT.write_text(renewed(DOCUMENT.read_text("utf-8")), "utf-8")
