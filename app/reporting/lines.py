"""Records as text in which one event is one first line, whatever a request put in.

A newline in a message would forge a record, an escape sequence would act on the
terminal of whoever reads the log (CVE-2025-48432 was that, in Django).
"""

import logging
import re
from collections.abc import Iterable

from .occasion import occasion_of
from .redaction import redact

# C0, DEL, C1; line and paragraph separators; bidirectional controls, which reorder
# what is shown; surrogates, which UTF-8 cannot hold.
_CONTROL = (
    "\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069"
)
_UNSAFE = re.compile(f"[{_CONTROL}\ud800-\udfff]")
_UNSAFE_OR_NEWLINE = re.compile(f"[\n{_CONTROL}\ud800-\udfff]")
_LIKE_A_FIRST_LINE = re.compile(r"^(?=\d{4}-\d\d-\d\d )", re.M)


def one_line(text: str) -> str:
    """Return `text` with every control character as an escape, such as ``\\n``."""
    return text if text.isprintable() else _UNSAFE_OR_NEWLINE.sub(_escaped, text)


def several_lines(text: str) -> str:
    """Return `text` with its line breaks, every other control character escaped.

    A line that begins as a record does, with a date, is indented: it could be taken
    for one.
    """
    return _LIKE_A_FIRST_LINE.sub("    ", _UNSAFE.sub(_escaped, text))


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


class LineFormatter(logging.Formatter):
    """Formats a record as one line, and its stack trace, if any, as lines below it.

    Secrets are left out. An error within a request ends in that request's reference,
    as ``[ref ABCDEFGH]``.
    """

    def __init__(self, fmt: str, secrets: Iterable[str] = ()) -> None:
        """`secrets`: spellings of the application's own that no line may show."""
        super().__init__(fmt)
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line or lines, without a newline at the end."""
        record.message = self.redacted(record, record.getMessage())
        occasion = occasion_of(record)
        if occasion and occasion.reference:
            record.message += f" [ref {occasion.reference}]"
        record.asctime = self.formatTime(record)
        first = one_line(self.formatMessage(record))
        below = self.below(record)
        return f"{first}\n{below}" if below else first

    def below(self, record: logging.LogRecord) -> str:
        """Return the stack traces of `record`, empty if it has none."""
        # record.exc_text, which the standard formatters share, is left alone: theirs
        # is not redacted.
        if not record.exc_info and not record.stack_info:
            return ""
        parts = []
        if record.exc_info:
            parts.append(self.formatException(record.exc_info))
        if record.stack_info:
            parts.append(self.formatStack(record.stack_info))
        return several_lines(self.redacted(record, "\n".join(parts)))

    def redacted(self, record: logging.LogRecord, text: str) -> str:
        """Return `text` without the secrets of the application and of the request."""
        occasion = occasion_of(record)
        carried = occasion.secrets if occasion else ()
        return redact(text, (*self._secrets, *carried))
