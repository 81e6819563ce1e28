"""Finds the users, the log and the administrators of a target."""

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

#: The username of the first registration.
NAME = "susan"
#: The message of the record that is searched for in logs and mails.
MARK = "a mark of the harness"


def user_row(site: Site) -> dict[str, Any]:
    """Return the row of the first registered user by column, {} if there is none."""
    for table, columns in site.probe.tables().items():
        for row in site.probe.rows(f'SELECT * FROM "{table}"'):
            if NAME in row:
                return dict(zip(columns, row, strict=True))
    return {}


def is_stored(site: Site, text: str) -> bool:
    """Return whether a row of any table has a value that is *text*."""
    return any(
        text in map(str, row)
        for table in site.probe.tables()
        for row in site.probe.rows(f'SELECT * FROM "{table}"')
    )


def confirm(site: Site, visitor: Visitor, within: float = 5) -> dict[str, Any]:
    """Follow the link in a mail to the first registered user, if one arrives.

    Args:
        within: Seconds to wait for the mail.

    Returns:
        The columns that following it changes, with their new values.
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


def find_users(site: Site, settings: dict[str, Any]) -> UserTable:
    """Return the table and the columns that contain the registered user.

    Args:
        settings: The settings of a profile, which take precedence.

    Raises:
        CannotBeJudged: No table contains the username.
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
                    **settings,
                }
            )
    raise cannot_be_judged(f"{NAME} registered, but no table contains that name.")


def _column(columns: list[str], pattern: str) -> str:
    return next((name for name in columns if re.search(pattern, name, re.I)), "")


def find_log(site: Site, given: str) -> LogLocation:
    """Return the log file of a handler that contains a record logged for this.

    Args:
        given: The path in a profile, "" for any.
    """
    site.probe.log("ERROR", MARK)
    for handler in site.probe.handlers():
        path = Path(handler.file or site.code.parent)
        if site.code in path.parents and _has_mark(path):
            place = str(path.relative_to(site.code))
            if given in ("", place):
                return LogLocation(place, format_of(path, handler.format))
    return LogLocation(given or LogLocation.path, written=False)


def format_of(path: Path, configured: str | None) -> str:
    """Return the format of a log: the formatter's, or else one derived from a line.

    Args:
        configured: The format of the handler's formatter, if it has one.
    """
    lines = path.read_text("utf-8", errors="replace").splitlines()
    line = next(line for line in reversed(lines) if MARK in line)
    found = line_pattern(configured).match(line) if configured else None
    if configured and found and found.groupdict().get("message") == MARK:
        return configured
    return learned_format(line, MARK, "ERROR")


def _has_mark(path: Path) -> bool:
    """Return whether a file contains the record that was logged."""
    return path.is_file() and MARK in path.read_text("utf-8", errors="replace")


def find_mail(mailbox: Mailbox, within: float = 5) -> Mail | None:
    """Return the mail about the record that was logged, None if none arrives."""
    with suppress(DeadlineExceeded):
        while MARK not in (mail := mailbox.next(within)).text:
            pass  # about an earlier error
        return mail
    return None


def find_admins(site: Site, recipients: tuple[str, ...]) -> tuple[str, ...]:
    """Return the administrators in the configuration, else the mail's recipients."""
    return _strings(site.probe.settings().get("ADMINS")) or recipients


def configured_hosts(site: Site) -> tuple[str, ...]:
    """Return the host names in the configuration: SERVER_NAME and TRUSTED_HOSTS."""
    settings = site.probe.settings()
    name = settings.get("SERVER_NAME")
    trusted = _strings(settings.get("TRUSTED_HOSTS"))
    return (*([name] if name else []), *(host.lstrip(".") for host in trusted))


def _strings(setting: object) -> tuple[str, ...]:
    """Return the strings of a setting that is a string or a list of them, else ()."""
    try:
        found = ast.literal_eval(str(setting))
    except (ValueError, SyntaxError):
        return ()
    if isinstance(found, str):
        found = [found]
    if isinstance(found, list | tuple) and all(isinstance(one, str) for one in found):
        return tuple(found)
    return ()
