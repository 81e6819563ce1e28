"""Finds what a target keeps: its users, its log, its administrators."""

import ast
import re
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.contract.target_errors import cannot_be_judged
from tests.harness.database.users import UserTable
from tests.harness.http.visitor import Visitor, address
from tests.harness.logs.records import LogLocation, learned_format, line_pattern
from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.message import Mail
from tests.harness.server.site import Site
from tests.harness.waiting import DeadlineExceeded

#: Who registers first.
NAME = "susan"
MARK = "a mark of the harness"


def user_row(site: Site) -> dict[str, Any]:
    """Return what is stored of the user who registered first, by column."""
    for table, columns in site.probe.tables().items():
        for row in site.probe.rows(f'SELECT * FROM "{table}"'):
            if NAME in row:
                return dict(zip(columns, row, strict=True))
    return {}


def confirm(site: Site, visitor: Visitor, within: float = 5) -> dict[str, Any]:
    """Follow the link in a mail to the user who registered, if one comes.

    Returns:
        The columns that this changes, with their new values.
    """
    before = user_row(site)
    with suppress(DeadlineExceeded):
        while site.mailbox is not None:
            mail = site.mailbox.next(within)
            body = mail.message.get_body(("plain", "html"))
            link = re.search(r"https?://[^\s\"'<>]+", str(body and body.get_content()))
            if link and address(NAME) in mail.recipients:
                parts = urlsplit(link[0])
                visitor.open(parts._replace(scheme="", netloc="").geturl())
                break
    return {
        column: value
        for column, value in user_row(site).items()
        if value != before.get(column)
    }


def find_users(site: Site, overruled: dict[str, Any]) -> UserTable:
    """
    Return where the name and the address that registered are stored.

    :raise CannotBeJudged: they are nowhere
    """
    for table, columns in site.probe.tables().items():
        rows = site.probe.rows(f'SELECT * FROM "{table}"')
        held = {
            value: column
            for row in rows
            for column, value in reversed(list(zip(columns, row, strict=True)))
            if isinstance(value, str)
        }
        if NAME in held:
            return UserTable(
                **{
                    "name": table,
                    "key": "id" if "id" in columns else columns[0],
                    "username": held[NAME],
                    "email": held.get(f"{NAME}@example.com", ""),
                    "about_me": _column(columns, r"about|\bbio|descri|introduc"),
                    "last_seen": _column(columns, r"last_?(seen|login|active|visit)"),
                    **overruled,
                }
            )
    raise cannot_be_judged(f"{NAME} registered, and is in no table: nothing is stored.")


def _column(columns: list[str], words: str) -> str:
    return next((name for name in columns if re.search(words, name, re.I)), "")


def find_log(site: Site, overruled: str) -> LogLocation:
    """Return where the log goes, by the handlers and by looking for a record."""
    site.probe.log("ERROR", MARK)
    for handler in site.probe.handlers():
        path = Path(handler.file or site.code.parent)
        if site.code in path.parents and _has_mark(path):
            place = str(path.relative_to(site.code))
            if overruled in ("", place):
                return LogLocation(place, format_of(path, handler.format))
    return LogLocation(overruled or LogLocation.path, written=False)


def format_of(path: Path, named: str | None) -> str:
    """Return the format of a log: its formatter's, or else learned from a line."""
    lines = path.read_text("utf-8", errors="replace").splitlines()
    line = next(line for line in reversed(lines) if MARK in line)
    found = line_pattern(named).match(line) if named else None
    if named and found and found.groupdict().get("message") == MARK:
        return named
    return learned_format(line, MARK, "ERROR")


def _has_mark(path: Path) -> bool:
    """Tell whether the record that was logged stands in a file."""
    return path.is_file() and MARK in path.read_text("utf-8", errors="replace")


def find_mail(mailbox: Mailbox, within: float = 5) -> Mail | None:
    """Return the mail of the record that was logged; None if there is none."""
    with suppress(DeadlineExceeded):
        while MARK not in (mail := mailbox.next(within)).text:
            pass  # of something that went wrong before
        return mail
    return None


def find_admins(site: Site, recipients: tuple[str, ...]) -> tuple[str, ...]:
    """Return whom the configuration names, else those to whom a mail was sent."""
    return _texts(site.probe.settings().get("ADMINS")) or recipients


def named_hosts(site: Site) -> tuple[str, ...]:
    """Return the hosts that the configuration names."""
    settings = site.probe.settings()
    name = settings.get("SERVER_NAME")
    trusted = _texts(settings.get("TRUSTED_HOSTS"))
    return (*([name] if name else []), *(host.lstrip(".") for host in trusted))


def _texts(setting: object) -> tuple[str, ...]:
    """Return the texts of a setting that is one or a list, () if it is neither."""
    try:
        found = ast.literal_eval(str(setting))
    except (ValueError, SyntaxError):
        return ()
    if isinstance(found, str):
        found = [found]
    if isinstance(found, list | tuple) and all(isinstance(one, str) for one in found):
        return tuple(found)
    return ()
