"""Records of a log, read off the lines that a formatter wrote."""

import re
from dataclasses import dataclass

#: What the attributes of a record look like in a line of a log.
_ATTRIBUTES = {
    "asctime": r"(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3})",
    "levelname": r"(?P<level>[A-Z]+) *",
    "message": r"(?P<message>.*)",
    "pathname": r"(?P<path>.*)",
    "lineno": r"(?P<line>\d+)",
}


def line_pattern(format: str) -> re.Pattern[str]:
    """Return what matches the lines that a formatter of *format* writes."""
    parts = re.split(r"%\((\w+)\)[-\d.]*[a-z]", format)
    literal, names = parts[::2], parts[1::2]
    pattern = re.escape(literal[0])
    for name, following in zip(names, literal[1:], strict=True):
        known = _ATTRIBUTES.get(name, ".*?")
        if f"?P<{name}>" in pattern or known in pattern:
            known = ".*?"  # a name may stand for one group only
        pattern += known + re.escape(following)
    return re.compile(f"^{pattern}$")


@dataclass(frozen=True)
class LogLocation:
    """Where a target writes its log, below its folder, and in which format."""

    path: str = "logs/microblog.log"
    format: str = "%(asctime)s %(levelname)s: %(message)s [in %(pathname)s:%(lineno)d]"
    #: Whether it writes one at all; if not, nothing is waited for.
    written: bool = True


#: The line that the chapter's format makes.
LINE = line_pattern(LogLocation.format)


@dataclass(frozen=True)
class Record:
    """One record of the file; what follows its first line is its *trace*."""

    time: str
    level: str
    message: str
    path: str
    line: int
    trace: str = ""


def parse(text: str, pattern: re.Pattern[str] = LINE) -> list[Record]:
    """
    Return the records of *text*; lines before the first one are dropped.

    What the pattern does not tell is "" or 0 in the records.
    """
    records: list[tuple[re.Match[str], list[str]]] = []
    for line in text.split("\n"):
        if found := pattern.match(line):
            records.append((found, []))
        elif records:
            records[-1][1].append(line)
    return [
        Record(
            time=told.get("time", ""),
            level=told.get("level", ""),
            message=told.get("message", ""),
            path=told.get("path", ""),
            line=int(told.get("line", 0)),
            trace="\n".join(trace).rstrip("\n"),
        )
        for found, trace in records
        for told in [found.groupdict()]
    ]
