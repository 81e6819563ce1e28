"""Collects the evidence of a failure: exceptions, SQL, and logging handlers."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import requests

from tests.contract.form_classes import missing_validator
from tests.contract.stack_traces import (
    Frame,
    raised_in_output,
    raised_in_requests,
    shortened,
)
from tests.contract.verdicts import Evidence
from tests.harness.logs.records import LogLocation
from tests.harness.probe.client import (
    AnsweredRequest,
    ErrorHandler,
    Handler,
    Probe,
    ProbeError,
)
from tests.harness.server.site import Site

LOGGING_ERROR = "--- Logging error ---\n"
#: Statements that write.
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)


def handler_evidence(handler: Handler, code: Path) -> Evidence:
    """Return the arguments of a logging handler, and the line that added it."""
    values = dict(handler.arguments)
    if "filename" in values:
        path = Path(str(values["filename"]))
        inside = code in path.parents
        values["filename"] = str(path.relative_to(code) if inside else path)
    values |= {"format": handler.format, "level": handler.level}
    arguments = ", ".join(f"{name}={value!r}" for name, value in values.items())
    logger = "the root logger" if handler.logger == "root" else "app.logger"
    text = (
        f"{handler.kind}({arguments}) is added to {logger}, which takes records from "
        f"{handler.threshold} on"
    )
    frame = Frame.of(code, *handler.added_at) if handler.added_at else None
    if frame is None:
        return Evidence(text)
    return Evidence(text, frame.file, frame.line, frame.source)


def frame_of(code: Path, handler: ErrorHandler) -> Frame | None:
    """Return the line where an error handler begins, if it is the author's."""
    lines: list[str] = []
    with suppress(OSError):
        lines = Path(handler.file).read_text("utf-8", errors="replace").splitlines()
    source = "".join(lines[handler.line - 1 : handler.line])
    return Frame.of(code, handler.file, handler.line, source)


@dataclass(frozen=True)
class Witness:
    """A site on which a behaviour failed, and what the probe shows of it.

    Attributes:
        since: When the test began, of time.time().
    """

    site: Site
    identity: str
    since: float = 0

    @property
    def code(self) -> Path:
        """The folder of the author's code."""
        return self.site.code

    @property
    def probe(self) -> Probe:
        """The probe of a site that runs."""
        return self.site.probe

    @property
    def requests(self) -> list[AnsweredRequest]:
        """The requests of the test."""
        return self.probe.journal(self.since)

    def exceptions(self) -> Iterator[Evidence]:
        """Yield the exceptions of the author's code."""
        yield from raised_in_requests(self.code, self.requests)

    def form_view(self) -> Iterator[Evidence]:
        """Yield the view that the last submitted form was for."""
        yield from self._view("POST")

    def page_view(self) -> Iterator[Evidence]:
        """Yield the view of the last page that was opened."""
        yield from self._view("GET")

    def _view(self, method: str) -> Iterator[Evidence]:
        for request in reversed(self.requests):
            if request.view is not None and request.request.startswith(method):
                file, line, function, source = request.view
                frame = Frame.of(self.code, file, line, source)
                if frame is not None:
                    text = f"{request.request} is answered by {function}()"
                    yield Evidence(text, frame.file, frame.line, frame.source)
                    return

    def validators(self) -> Iterator[Evidence]:
        """Yield a form that lacks the validator for a name or an address."""
        known = self.site.workplace.target.sitemap.fields
        fields = [known.get(key, ()) for key in VALIDATED[self.identity]]
        yield from missing_validator(self.code, fields)

    def logging_errors(self) -> Iterator[Evidence]:
        """Yield the last exception of a logging handler."""
        *before, last = self.site.output.split(LOGGING_ERROR)
        if not before:
            return
        trace = last.partition("Call stack:")[0]
        found = raised_in_output(self.code, trace, "A logging handler raises")
        if found is not None:
            mails = re.search(r"smtplib|getSubject|msg\[|[/\\]email[/\\]", trace)
            if bool(mails) is not self.identity.startswith("mail."):
                return  # it is another behaviour's
            base = "SMTPHandler" if mails else "FileHandler"
            for handler in self.probe.handlers():
                if base in handler.bases:
                    seen = handler_evidence(handler, self.code)
                    found = replace(
                        found, file=seen.file, line=seen.line, source=seen.source
                    )
            yield found

    def mail_handlers(self) -> Iterator[Evidence]:
        """Yield the handlers that mail, or the fact that there is none."""
        server = self.site.env.get("MAIL_SERVER")
        for handler in self.probe.handlers() if server else ():
            host = handler.arguments.get("mailhost")
            if host not in (None, server):
                yield Evidence(
                    f"It mails to {host}, though MAIL_SERVER is {server}",
                    *self._line_with(re.escape(str(host))),
                    key="another mail server",
                )
            if None in (handler.arguments.get("toaddrs") or ()):
                yield Evidence(
                    "ADMINS has None in place of an address. If that is a variable of "
                    "its own, set it with --target-env NAME=VALUE",
                    *self._line_with(r"^\s*ADMINS\s*="),
                    key="no address of an administrator",
                )
        if server:
            yield from self._handlers("SMTPHandler", "mails")

    def _line_with(self, pattern: str) -> tuple[str, int, str]:
        """Return file, line and source of the first line of the code that matches."""
        for path in sorted(self.code.rglob("*.py")):
            lines = path.read_text("utf-8", errors="replace").splitlines()
            for number, line in enumerate(lines, 1):
                if re.search(pattern, line):
                    return path.relative_to(self.code).as_posix(), number, line.strip()
        return "", 0, ""

    def file_handlers(self) -> Iterator[Evidence]:
        """Yield the handlers that write to a file, or the fact that there is none."""
        yield from self._handlers("FileHandler", "writes to a file")

    def deviations(self) -> Iterator[Evidence]:
        """Yield each argument of a handler that differs from the chapter's."""
        for handler in self.probe.handlers():
            values = {
                **handler.arguments,
                "format": handler.format,
                "level": handler.level,
                "the level of its logger": handler.threshold,
            }
            for base, name, wanted in CHAPTER[self.identity]:
                if base in handler.bases and values.get(name) != wanted:
                    yield replace(
                        handler_evidence(handler, self.code),
                        text=f"{handler.kind}: {name} is {values.get(name)!r}, in the "
                        f"chapter {wanted!r}",
                        key=f"{base} {name}",
                    )

    def _handlers(self, base: str, does: str) -> Iterator[Evidence]:
        handlers = self.probe.handlers()
        found = [handler for handler in handlers if base in handler.bases]
        for handler in found:
            yield handler_evidence(handler, self.code)
        if found or "FLASK_DEBUG" in self.site.env:
            return
        key = f"no {base}"
        for handler in self.probe.other_handlers():
            if base in handler.bases:
                text = (
                    f"{handler.kind} is added to the logger {handler.logger!r}, which "
                    "gets no record of app.logger"
                )
                yield replace(handler_evidence(handler, self.code), text=text, key=key)
                return
        others = ", ".join(dict.fromkeys(handler.kind for handler in handlers))
        yield Evidence(
            f"No handler of app.logger {does}; it has {others or 'none'}", key=key
        )

    def catch_all(self) -> Iterator[Evidence]:
        """Yield an error handler for every exception."""
        for handler in self.probe.error_handlers():
            if handler.exception in ("Exception", "BaseException"):
                frame = frame_of(self.code, handler)
                yield Evidence(
                    f"{handler.function}() is registered for {handler.exception}, not "
                    "for 500: Flask takes every exception as handled, so it is neither "
                    "logged nor mailed, and does not reach the debugger",
                    file=frame.file if frame else "",
                    line=frame.line if frame else 0,
                    source=frame.source if frame else "",
                    key="handler for Exception",
                )

    def error_handlers(self) -> Iterator[Evidence]:
        """Yield the error handlers for the status, or the fact that there is none."""
        handlers = self.probe.error_handlers()
        for handler in handlers:
            rolls_back = handler.status == 500 and self.identity.startswith("rollback.")
            if rolls_back or self.identity.startswith(f"errors.{handler.status}"):
                yield self._answered_by(handler)
        missing = {404, 500} - {handler.status for handler in handlers}
        if missing and not any(handler.status is None for handler in handlers):
            yield from self._no_error_handlers(missing, bool(handlers))

    def _answered_by(self, handler: ErrorHandler) -> Evidence:
        text = f"{handler.status} is answered by {handler.function}()"
        frame = frame_of(self.code, handler)
        if frame is None:
            return Evidence(text)
        return Evidence(text, frame.file, frame.line, frame.source)

    def _no_error_handlers(self, missing: set[int], others: bool) -> Iterator[Evidence]:
        imported = set(self.probe.imported())
        for path in sorted(self.code.rglob("*.py")):
            text = path.read_text("utf-8", errors="replace")
            for number, line in enumerate(text.splitlines(), 1):
                if "errorhandler(" in line and str(path) not in imported:
                    file = path.relative_to(self.code).as_posix()
                    yield Evidence(
                        f"{file} registers functions for errors; nothing imports it",
                        *(file, number, line.strip()),
                        key=f"not imported {file}",
                    )
                    return
        codes = " and ".join(map(str, sorted(missing)))
        yield Evidence(
            f"No function is registered for {codes}", key=f"no handler for {codes}"
        )

    def writes(self) -> Iterator[Evidence]:
        """Yield what the last submitted form wrote to the database."""
        posts = [one for one in self.requests if one.request.startswith("POST")]
        for post in posts[-1:]:
            steps = list(post.sql)
            writes = [index for index, step in enumerate(steps) if WRITES.match(step)]
            answer = f"{post.request} answered {post.status or 'nothing'}"
            if not writes:
                yield Evidence(f"{answer} and wrote nothing to the database")
                continue
            sent = "; ".join(shortened(steps[index]) for index in writes[-3:])
            committed = "COMMIT" in steps[writes[-1] :]
            end = "COMMIT" if committed else "no COMMIT, so nothing is stored"
            yield Evidence(f"{answer} and sent {sent}; {end}")

    def reads(self) -> Iterator[Evidence]:
        """Yield the queries of the last submitted form."""
        posts = [one for one in self.requests if one.request.startswith("POST")]
        for post in posts[-1:]:
            queries = [step for step in post.sql if re.match(r"\s*SELECT", step, re.I)]
            sent = "; ".join(map(shortened, queries))
            yield Evidence(f"{post.request} sent {sent}")


LEVELS = (
    ("FileHandler", "level", "INFO"),
    ("FileHandler", "the level of its logger", "INFO"),
)
#: By behaviour: class, argument and value of the chapter's handlers.
CHAPTER: dict[str, Sequence[tuple[str, str, object]]] = {
    "rotation.threshold": [("FileHandler", "maxBytes", 10240)],
    "rotation.ten-backups": [("FileHandler", "backupCount", 10)],
    "rotation.oldest-goes": [("FileHandler", "backupCount", 10)],
    "log.format": [("FileHandler", "format", LogLocation.format)],
    "log.level": LEVELS,
    "log.startup": LEVELS,
    "mail.logged-error-is-mailed": [("SMTPHandler", "level", "ERROR")],
    "mail.not-for-client-errors": [("SMTPHandler", "level", "ERROR")],
}

#: By behaviour: the fields of the form; the first one needs a validator of its own.
VALIDATED = {
    "accounts.register-taken-username": ("username", "email", "password"),
    "accounts.register-taken-email": ("email", "username", "password"),
    "edit-profile.taken-name": ("username", "about_me"),
}

Observer = Callable[[Witness], Iterator[Evidence]]

#: The evidence to collect, by the beginning of the behaviour's id.
OBSERVERS: tuple[tuple[tuple[str, ...], Observer], ...] = (
    (tuple(VALIDATED), Witness.validators),
    (("",), Witness.exceptions),
    (("mail.", "log.", "rotation."), Witness.logging_errors),
    (("errors.", "rollback.", "debug.", "mail.", "log."), Witness.catch_all),
    (("errors.", "rollback.", "debug.propagate-off"), Witness.error_handlers),
    (tuple(CHAPTER), Witness.deviations),
    (("mail.",), Witness.mail_handlers),
    (("log.", "rotation."), Witness.file_handlers),
    (("edit-profile.unchanged-name-asks-nothing",), Witness.reads),
    (
        ("accounts.register", "edit-profile.", "rollback.", "security.csrf"),
        Witness.writes,
    ),
)
#: The evidence to collect where nothing else shows a place.
FALLBACKS: tuple[tuple[tuple[str, ...], Observer], ...] = (
    (("profile.", "edit-profile.prefilled"), Witness.page_view),
    (
        (
            *("accounts.register", "accounts.login", "edit-profile."),
            *("security.csrf", "security.next-stays-here"),
        ),
        Witness.form_view,
    ),
)


def gather(witness: Witness) -> tuple[Evidence, ...]:
    """Return the evidence of a failure that a site shows."""
    found: dict[Evidence, None] = {}
    for prefixes, observe in OBSERVERS:
        if witness.identity.startswith(prefixes):
            with suppress(ProbeError, requests.RequestException, OSError):
                found |= dict.fromkeys(observe(witness))
    for prefixes, observe in FALLBACKS:
        placed = any(one.place for one in found)
        if witness.identity.startswith(prefixes) and not placed:
            found |= dict.fromkeys(observe(witness))
    return most_telling_first(found)


def most_telling_first(found: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Return the evidence without repetitions; that which identifies a cause first."""
    return tuple(
        sorted(dict.fromkeys(found), key=lambda one: (not one.key, not one.place))
    )
