"""Finds the line of the author's own code in a stack trace."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.contract.verdicts import Evidence
from tests.harness.probe.client import AnsweredRequest, RaisedException

#: The messages of failures that the probe causes; their consequences are the target's.
DELIBERATE = re.compile(r"(refused|broken) by the harness")
FOLLOWS = "This Session's transaction has been rolled back"

#: A frame of a printed stack trace, with its source line.
FRAME = re.compile(
    r'^ *File "(?P<file>.+?)", line (?P<line>\d+)(?:, in (?P<function>.+))?\n'
    r"(?: {4,}(?P<source>\S.*)\n)?",
    re.MULTILINE,
)
#: The end of a stack trace: the exception.
RAISED = re.compile(r"^(?P<kind>[A-Za-z_][\w.]*)(?:: (?P<message>.*))?$", re.MULTILINE)
TRACE = "Traceback (most recent call last):\n"

#: Characters of a message that are shown.
LONGEST = 240


@dataclass(frozen=True)
class Frame:
    """A line of the author's code in a stack trace."""

    file: str
    line: int
    source: str

    @classmethod
    def of(cls, code: Path, file: str, line: int, source: str) -> "Frame | None":
        """Return the frame if its file is in the folder *code*."""
        path = Path(file)
        if code not in path.parents or "site-packages" in path.parts:
            return None
        return cls(path.relative_to(code).as_posix(), line, source.strip())


def exception(kind: str, message: str, frame: Frame | None, where: str) -> Evidence:
    """Return the evidence of an exception.

    Args:
        kind: The qualified name of its class.
        message: Its message.
        frame: The innermost line of the author's code.
        where: How the sentence about it begins.
    """
    first = message.strip().partition("\n")[0].rstrip(".")
    name = kind.rpartition(".")[2]
    text = shortened(f"{name}: {first}" if first else name)
    place = f"{frame.file}:{frame.line}" if frame else first[:80]
    return Evidence(
        text=f"{where} {text}",
        file=frame.file if frame else "",
        line=frame.line if frame else 0,
        source=frame.source if frame else "",
        key=f"{name} {place}",
    )


def raised_in_requests(
    code: Path, answered: Sequence[AnsweredRequest]
) -> Iterator[Evidence]:
    """Yield the exceptions of requests, except those that the probe caused."""
    for request in answered:
        for error in request.exceptions:
            if not is_deliberate(error):
                frames = [
                    Frame.of(code, file, line, source)
                    for file, line, _, source in error.frames
                ]
                own = [frame for frame in frames if frame is not None]
                status = request.status.partition(" ")[0] or "500"
                yield exception(
                    error.kind,
                    error.message,
                    own[-1] if own else None,
                    f"{request.request} answers {status}:",
                )


def is_deliberate(error: RaisedException) -> bool:
    """Return whether the probe raised an exception, or made the database raise it."""
    if error.message.startswith(FOLLOWS):
        return False
    by_the_probe = bool(error.frames) and "/harness_probe/" in error.frames[-1][0]
    return by_the_probe or DELIBERATE.search(error.message) is not None


def raised_in_output(code: Path, output: str, where: str) -> Evidence | None:
    """Return the last exception whose stack trace a program printed."""
    trace = output.rpartition(TRACE)[2] if TRACE in output else output
    own = None
    end = 0
    for found in FRAME.finditer(trace):
        frame = Frame.of(code, found["file"], int(found["line"]), found["source"] or "")
        own = frame or own
        end = found.end()
    raised = RAISED.search(trace, end) if end else None
    if raised is None:
        return None
    return exception(raised["kind"], raised["message"] or "", own, where)


def raised_at_start(output: str) -> Iterator[Evidence]:
    """Yield the exception of a target that did not start, from its last output."""
    # The stack trace names the copy of the target that ran.
    place = re.search(r'"(/\S*/target)/', output)
    code = Path(place[1] if place else "/nowhere")
    found = raised_in_output(code, output, "Starting it raises")
    if found is not None:
        yield found


def shortened(text: str, longest: int = LONGEST) -> str:
    """Return *text* in one line, cut off if it is too long to read."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[:longest]} ..."


def last_line(message: str) -> str:
    """Return the last line of a message, which of the probe's errors is the reason."""
    lines = message.replace("\\n", "\n").rstrip('"}\n ').splitlines()
    return lines[-1][:LONGEST] if lines else ""
