"""Log records, parsed from the lines that a formatter wrote."""

import re
from dataclasses import dataclass

#: How the attributes of a record appear in a log line.
_ATTRIBUTES = {
    "asctime": r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3})",
    "levelname": r"(?P<level>[A-Z]+) *",
    "message": r"(?P<message>.*)",
    "pathname": r"(?P<path>.*)",
    "lineno": r"(?P<line>\d+)",
}


def line_pattern(format: str) -> re.Pattern[str]:
    """Return a pattern of the lines that a formatter of *format* writes."""
    parts = re.split(r"%\((\w+)\)[-\d.]*[a-z]", format)
    literal, names = parts[::2], parts[1::2]
    pattern = re.escape(literal[0])
    for name, following in zip(names, literal[1:], strict=True):
        known = _ATTRIBUTES.get(name, ".*?")
        if f"?P<{name}>" in pattern or known in pattern:
            known = ".*?"  # a pattern may define a group only once
        pattern += known + re.escape(following)
    return re.compile(f"^{pattern}$")


#: The parts of a line that differ: values in JSON, source files, numbers.
_VARIABLE = re.compile(r'(?<=":)( *"(?:[^"\\]|\\.)*")|[^\s"(\[]+\.py\b|\d[\d.,:T-]*')


def learned_format(line: str, message: str, level: str) -> str:
    """Return a format for lines like that of a record with this message and level."""
    known = {"\0": "%(message)s", "\1": "%(levelname)s"}
    text = line.replace(message, "\0", 1).replace(level, "\1", 1)
    text = _VARIABLE.sub(
        lambda found: found[0] if known.keys() & set(found[0]) else "%(other)s", text
    )
    for mark, attribute in known.items():
        text = text.replace(mark, attribute)
    return text


@dataclass(frozen=True)
class LogLocation:
    """Where a target writes its log, relative to its folder, and in which format."""

    path: str = "logs/microblog.log"
    format: str = "%(asctime)s %(levelname)s: %(message)s [in %(pathname)s:%(lineno)d]"
    #: Whether the target writes a log at all; without one, tests do not wait for it.
    written: bool = True


#: A line in the chapter's format.
LINE = line_pattern(LogLocation.format)


@dataclass(frozen=True)
class Record:
    """One log record; *trace* is everything after its first line."""

    time: str
    level: str
    message: str
    path: str
    line: int
    trace: str = ""


def parse(text: str, pattern: re.Pattern[str] = LINE) -> list[Record]:
    """Return the records in *text*, without the lines before the first record.

    Attributes that the pattern does not capture are "" or 0.
    """
    records: list[tuple[re.Match[str], list[str]]] = []
    for line in text.split("\n"):
        if found := pattern.match(line):
            records.append((found, []))
        elif records:
            records[-1][1].append(line)
    return [
        Record(
            time=captured.get("time", ""),
            level=captured.get("level", ""),
            message=captured.get("message", ""),
            path=captured.get("path", ""),
            line=int(captured.get("line", 0)),
            trace="\n".join(trace).rstrip("\n"),
        )
        for found, trace in records
        for captured in [found.groupdict()]
    ]
