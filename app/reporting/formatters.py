"""Log records as text: lines of the log file, and reports to mail.

Whatever a visitor sends, one record is one first line: a newline could forge a record,
and an escape sequence would act on the terminal of those who read the log, as in
CVE-2025-48432 of Django. Secrets are hidden, and no record is longer than the limits.
"""

import contextlib
import functools
import logging
import platform
import re
import reprlib
import traceback
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from .redaction import redact_patterns, redact_values
from .request_context import context_of

LINE = "%(asctime)s %(levelname)s: %(message)s [in %(pathname)s:%(lineno)d]"

LIMIT = 100_000
"""Characters of a message or a stack trace: ten times the size of a log file."""

# C0, DEL, C1; line and paragraph separators; bidirectional controls, which reorder
# what is shown; surrogates, which UTF-8 cannot encode.
_CONTROL = (
    "\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff"
)
_UNSAFE = re.compile(f"[{_CONTROL}]")
_UNSAFE_OR_NEWLINE = re.compile(f"[\n{_CONTROL}]")
_LIKE_A_FIRST_LINE = re.compile(r"^(?=\d{4}-\d\d-\d\d )", re.M)

_repr = reprlib.Repr()  # it catches what a __repr__ raises
_repr.maxstring = _repr.maxother = 200


def one_line(text: str) -> str:
    """Return `text` with control characters and newlines escaped."""
    return text if text.isprintable() else _UNSAFE_OR_NEWLINE.sub(_escape, text)


def several_lines(text: str) -> str:
    """Return `text` with control characters escaped, but newlines kept.

    A line that begins with a date, as a record does, is indented.
    """
    return _LIKE_A_FIRST_LINE.sub("    ", _UNSAFE.sub(_escape, text))


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def shorten(text: str) -> str:
    """Return `text` without its middle if it is longer than LIMIT."""
    left_out = len(text) - LIMIT
    if left_out <= 0:
        return text
    half = LIMIT // 2
    return f"{text[:half]}\n... {left_out} characters left out ...\n{text[-half:]}"


class LineFormatter(logging.Formatter):
    """Formats a record as one line, with its stack trace, if any, below.

    An error within a request ends in the reference of the request: ``[ref ABCDEFGH]``.
    `secrets` are those of the application, in all spellings.
    """

    def __init__(self, fmt: str = LINE, secrets: Iterable[str] = ()) -> None:
        super().__init__(fmt)
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of the record, without a newline at the end."""
        context = context_of(record)
        record.message = self.redact(record, _message(record))
        if context and context.reference:
            record.message += f" [ref {context.reference}]"
        record.asctime = self.formatTime(record)
        first = one_line(self.formatMessage(record))
        # Not record.exc_text: the standard formatters share it, without redaction.
        traces = []
        if record.exc_info and record.exc_info[0]:
            traces.append(self.formatException(record.exc_info))
        if record.stack_info:
            traces.append(self.formatStack(record.stack_info))
        if not traces:
            return first
        text = several_lines(self.redact(record, "\n".join(traces)))
        return f"{first}\n{text}"

    def formatException(self, exc_info: Any) -> str:
        """Return the stack trace, or the last frames if it cannot be formatted."""
        try:
            return super().formatException(exc_info)
        except Exception as error:  # such as a RecursionError for deeply nested groups
            kind, _, trace = exc_info
            frames = "".join(traceback.format_tb(trace, -50))
            return f"{frames}{kind.__name__} <not formatted: {type(error).__name__}>"

    def redact(self, record: logging.LogRecord, text: str) -> str:
        """Return `text` without secrets, shortened.

        Known secrets are hidden first, so that none is cut in two.
        """
        context = context_of(record)
        secrets = (*self._secrets, *(context.secrets if context else ()))
        return redact_patterns(shorten(redact_values(text, secrets)))


class ReportFormatter(LineFormatter):
    """Formats a record as the text of a mail: context, message, stack trace."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(message)s [in %(pathname)s:%(lineno)d]", secrets)

    def format(self, record: logging.LogRecord) -> str:
        """Return the text, with a newline at the end."""
        context = {
            "Time": self.formatTime(record),
            "Logger": f"{record.name} ({record.levelname})",
        }
        if request := context_of(record):
            # Nothing is hidden from the other lines: a visitor could remove their
            # values by sending them as a cookie.
            url = self.redact(record, request.url)
            user = self.redact(record, request.user_id)
            context |= {
                "Request": f"{request.method} {url}",
                "User": user or "anonymous",
                "From": request.remote_addr or "unknown",
                "Reference": request.reference,
            }
        context["Versions"] = versions()
        lines = [f"{name + ':':<11}{value}" for name, value in context.items()]
        head = "\n".join(map(one_line, lines))
        return f"{head}\n\n{super().format(record)}\n"


def _message(record: logging.LogRecord) -> str:
    """Return the message; one that cannot be formatted as its parts."""
    try:
        return record.getMessage()
    except Exception as error:
        parts = f"{_repr.repr(record.msg)} % {_repr.repr(record.args)}"
        return f"{parts} <not formatted: {type(error).__name__}>"


@functools.cache
def versions() -> str:
    """Return the versions of Python and of the packages that errors often come from."""
    found = [f"Python {platform.python_version()}"]
    for name in ("Flask", "Werkzeug", "SQLAlchemy"):
        with contextlib.suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return ", ".join(found)
