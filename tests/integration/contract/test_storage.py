"""Finding a target's users, log, mail and administrators."""

from pathlib import Path
from smtplib import SMTP
from typing import Any

import pytest

from tests.contract.storage import (
    MARK,
    NAME,
    configured_hosts,
    confirm,
    find_admins,
    find_log,
    find_mail,
    find_users,
    format_of,
)
from tests.contract.target_errors import CannotBeJudged
from tests.harness.http.page import Page
from tests.harness.http.site_map import SiteMap
from tests.harness.http.visitor import Visitor
from tests.harness.mail.mailbox import Mailbox
from tests.harness.probe.client import Handler


def test_users(site: Any) -> None:
    """The table of users is the one that contains the registered user."""
    site.probe.stored_tables = {
        "note": (["id", "text"], [[1, "welcome"]]),
        "member": (
            ["number", "nick", "mail", "biography", "last_login"],
            [[1, "susan", "susan@example.com", None, "2026"]],
        ),
    }

    users = find_users(site, {"last_seen": "seen"})

    assert (users.name, users.key, users.username) == ("member", "number", "nick")
    assert (users.email, users.about_me, users.last_seen) == (
        *("mail", "biography", "seen"),
    )


def test_first_column_wins(site: Any) -> None:
    """The first column with the username counts, as before a slug."""
    site.probe.stored_tables = {
        "user": (["id", "name", "slug"], [[1, "susan", "susan"]])
    }

    users = find_users(site, {})

    assert (users.username, users.email, users.last_seen) == ("name", "", "")


def test_nobody(site: Any) -> None:
    """A registered user that is in no table is an error."""
    site.user("john")

    with pytest.raises(CannotBeJudged, match="no table contains that name"):
        find_users(site, {})


def handler(path: Path | None, format: str | None = None) -> Handler:
    """Return a handler that writes *path*."""
    file = str(path) if path else None
    return Handler("app", "X", (), "INFO", format, file)


@pytest.fixture
def log(site: Any, tmp_path: Path) -> Path:
    """The path of a target's log, with handlers of other files before its own."""
    site.code = tmp_path / "target"
    path = tmp_path / "target" / "var" / "blog.log"
    path.parent.mkdir(parents=True)
    path.write_text(f"ERROR {MARK}\n")
    (tmp_path / "elsewhere.log").write_text(path.read_text())
    (site.code / "empty.log").touch()
    site.probe.log_handlers = [
        handler(None),
        handler(tmp_path / "elsewhere.log"),
        handler(site.code / "missing.log"),
        handler(site.code / "empty.log"),
        handler(path),
    ]
    return path


def test_log(site: Any, log: Path) -> None:
    """The log is the file in the target's folder that a handler has written to."""
    found = find_log(site, "")

    assert (found.path, found.format, found.written) == (
        *("var/blog.log", "%(levelname)s %(message)s", True),
    )
    assert site.probe.log_records == ["ERROR a mark of the harness"]


def test_format_of_a_log(log: Path) -> None:
    """The format is that of the formatter, unless the lines do not match it."""
    for format in ("%(levelname)s %(message)s", "{levelname} {message}"):
        assert format_of(log, format) == "%(levelname)s %(message)s"


def test_log_of_a_profile(site: Any, log: Path) -> None:
    """A log in a profile that no handler writes to is "not written"."""
    found = find_log(site, "other.log")

    assert (found.path, found.written) == ("other.log", False)
    assert find_log(site, "var/blog.log").written


def test_no_log(site: Any) -> None:
    """A target without file handlers has no log."""
    assert not find_log(site, "").written


def send(mailbox: Mailbox, text: str) -> None:
    """Send a mail."""
    with SMTP(mailbox.host, mailbox.port) as client:
        client.sendmail("a@example.org", ["b@example.org"], f"Subject: x\n\n{text}")


def test_mail() -> None:
    """The mail of the logged record is found among others."""
    with Mailbox() as mailbox:
        send(mailbox, "something that went wrong at the start")
        send(mailbox, f"ERROR: {MARK}")

        found = find_mail(mailbox)

    assert found is not None
    assert MARK in found.text


def test_no_mail() -> None:
    """A mail of another record is not the mail of the logged one."""
    with Mailbox() as mailbox:
        send(mailbox, "something else")

        assert find_mail(mailbox, within=0.1) is None


def test_confirmation(site: Any) -> None:
    """The link in a mail to the user is followed, and the changed columns are found."""
    columns = ["id", "username", "confirmed"]
    site.probe.stored_tables = {
        "tag": (["name"], [["x"]]),
        "user": (columns, [[1, NAME, 0]]),
    }
    site.pages.answer("/confirm/1")

    class Reader(Visitor):
        """A visitor whose account is confirmed by opening any page."""

        def open(self, path: str, **options: Any) -> Page:
            """Confirm the account, and open the page."""
            site.probe.stored_tables["user"][1][0][2] = 1
            return super().open(path, **options)

    with Mailbox() as mailbox, Reader(lambda: site.url, SiteMap()) as reader:
        site.mailbox = mailbox
        send(mailbox, f"ERROR: {MARK}")
        with SMTP(mailbox.host, mailbox.port) as client:
            text = "Subject: x\n\nClick: <http://blog.example/confirm/1?a=b>"
            client.sendmail("a@example.org", ["susan@example.com"], text)

        assert confirm(site, reader) == {"confirmed": 1}

    assert (site.pages.requests[-1].path, site.pages.requests[-1].data) == (
        *("/confirm/1", [("a", "b")]),
    )


def test_no_confirmation(site: Any) -> None:
    """Without a mail with a link nothing is confirmed."""
    with Mailbox() as mailbox, Visitor(lambda: site.url, SiteMap()) as reader:
        site.mailbox = mailbox

        assert confirm(site, reader, within=0.1) == {}


@pytest.mark.parametrize(
    ("setting", "hosts"),
    [
        ({"SERVER_NAME": "blog.example"}, ("blog.example",)),
        (
            {"TRUSTED_HOSTS": "['.example.org', 'a.example']"},
            ("example.org", "a.example"),
        ),
        ({"SERVER_NAME": None, "TRUSTED_HOSTS": None}, ()),
    ],
)
def test_hosts(site: Any, setting: dict[str, Any], hosts: tuple[str, ...]) -> None:
    """The hosts that a target accepts are those in its configuration."""
    site.probe.config = setting

    assert configured_hosts(site) == hosts


@pytest.mark.parametrize(
    ("setting", "admins"),
    [
        ("['a@example.org', 'b@example.org']", ("a@example.org", "b@example.org")),
        ("('a@example.org',)", ("a@example.org",)),
        ("'a@example.org'", ("a@example.org",)),
        ("a@example.org", ("whom@example.org",)),
        ("[1]", ("whom@example.org",)),
        ("{1: 2}", ("whom@example.org",)),
        (None, ("whom@example.org",)),
    ],
)
def test_admins(site: Any, setting: str | None, admins: tuple[str, ...]) -> None:
    """The administrators are those in the configuration, else the recipients."""
    site.probe.config = {"ADMINS": setting}

    assert find_admins(site, ("whom@example.org",)) == admins
