"""The content of error mails."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.harness.http.visitor import Visitor
from tests.harness.mail.certificates import write_authority
from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.message import Mail
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.site import Site
from tests.harness.target.command import CompletedCommand
from tests.harness.target.workplace import Workplace

WORDS = "Grüße, 世界: das Wasserrohr 🚰 leckt"
CREDENTIALS = ("wächter", "Schlüssel 🔑 für uns")


def context(mail: Mail) -> dict[str, str]:
    """Return the lines of a mail above the stack trace."""
    head = mail.text.partition("Traceback")[0]
    return dict(re.findall(r"^(\w+): +(.*)$", head, re.MULTILINE))


@behaviour("mail.well-formed")
def test_date(site: Site) -> None:
    """The Date of a mail is the time it was sent."""
    site.fail()

    mail = site.one_mail()
    assert mail.message["Date"] is not None, "The mail has no Date."
    sent = mail.message["Date"].datetime
    assert abs(datetime.now(sent.tzinfo) - sent) < timedelta(minutes=2), (
        f"Its Date is {sent}."
    )


@behaviour("mail.well-formed")
def test_message_id(site: Site) -> None:
    """Each mail has its own Message-ID."""
    site.fail()
    site.fail()

    first, second = (mail.message["Message-ID"] for mail in site.mails())
    assert re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", str(first)), (
        f"Its Message-ID is {first}."
    )
    assert first != second, f"Two mails have the Message-ID {first}."


@behaviour("mail.well-formed")
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=ascii)
def test_no_header_from_a_visitor(site: Site, end: str) -> None:
    """Text in an error adds no header and no recipient to its mail."""
    site.fail(f"{end}Bcc: eve@example.com{end}Subject: forged{end}{end}body")

    mail = site.one_mail()
    assert mail.recipients == site.admins, f"The mail went to {mail.recipients}."
    assert mail.message["Bcc"] is None, f"It has a Bcc: {mail.message['Bcc']}."
    assert mail.message.get_all("Subject") == [mail.subject], "It has a second Subject."


@behaviour("mail.well-formed")
def test_any_letters(site: Site) -> None:
    """A stack trace with non-ASCII text arrives unchanged."""
    site.fail(WORDS)

    mail = site.one_mail()
    assert f"RuntimeError: {WORDS}" in mail.text, f"The mail lacks the text {WORDS!r}."


@own_only
@behaviour("mail.context")
def test_request(site: Site, susan: Visitor) -> None:
    """A mail has the method, the URL, the client's address and the user."""
    path = site.probe.raising("on demand")
    susan.open(path)

    mail = site.one_mail()
    found = context(mail)
    [[susans_id]] = site.probe.rows(
        f'SELECT {site.users.table.key} FROM "{site.users.table.name}" '
        f"WHERE {site.users.column('username')} = 'susan'"
    )
    assert found["Request"] == f"GET {site.url}{path}"
    assert found["From"] == "127.0.0.1"
    assert found["User"] == str(susans_id)


@own_only
@behaviour("mail.context")
def test_mail_has_the_reference(site: Site) -> None:
    """A mail has the same reference as the page and the log record."""
    page = site.fail()

    mail = site.one_mail()
    found = re.search(r"^Reference: +([A-Z2-7]{8})$", mail.text, re.MULTILINE)
    assert found is not None
    assert found[1] in page.text
    assert f"[ref {found[1]}]" in site.log.text


@behaviour("mail.context")
@pytest.mark.parametrize("name", ["Python", "Flask", "Werkzeug", "SQLAlchemy"])
def test_versions(site: Site, name: str) -> None:
    """A mail names the versions of Python, Flask, Werkzeug and SQLAlchemy."""
    versions = {key.lower(): value for key, value in site.probe.versions().items()}
    site.fail()

    mail = site.one_mail()
    version = re.escape(versions[name.lower()])
    assert re.search(rf"(?i)\b{name}\W+{version}", mail.text), (
        f"The mail does not name {name} {versions[name.lower()]}."
    )


@own_only
@behaviour("mail.test-command")
@behaviour("mail.well-formed")
def test_command_shows_outcome(
    flask: Callable[..., CompletedCommand], workplace: Workplace, tmp_path: Path
) -> None:
    """`flask errors-test` shows page, log record and mail of an error on purpose."""
    username, password = CREDENTIALS
    with Mailbox(certificate="good", credentials=CREDENTIALS) as mailbox:
        finished = flask(
            "errors-test",
            env={
                **mailbox.settings,
                "ADMINS": "admin@example.com,second@example.com",
                "MAIL_USE_TLS": "1",
                "MAIL_USERNAME": username,
                "MAIL_PASSWORD": password,
                "MAIL_CA_FILE": str(write_authority(tmp_path)),
            },
        )
        mail = mailbox.next()

    assert finished.status == 0, finished.output
    shown = re.search(
        r"^Page: 500 INTERNAL SERVER ERROR, shows the reference (\w{8})\n"
        r"Log:  (.*), line (\d+)\n"
        r"Mail: sent to admin@example\.com, second@example\.com"
        rf" by localhost port {mailbox.port} \(STARTTLS\)\n\Z",
        finished.output,
        re.MULTILINE,
    )
    assert shown is not None, finished.output
    reference, path, line = shown.groups()
    assert path == str(workplace.code / "logs" / "microblog.log")
    assert f"[ref {reference}]" in Path(path).read_text().splitlines()[int(line) - 1]
    assert mail.recipients == ("admin@example.com", "second@example.com")
    assert f"Reference: {reference}\n" in mail.text
    assert password not in mail.text
    assert [one.password for one in mailbox.attempts] == [password]


@own_only
@behaviour("mail.test-command")
def test_command_shows_failure(flask: Callable[..., CompletedCommand]) -> None:
    """If the mail is not delivered, `flask errors-test` fails with the reason."""
    with Mailbox(refuses=True) as refusing:
        finished = flask(
            "errors-test", env={**refusing.settings, "ADMINS": "a@example.com"}
        )

    assert finished.status == 1
    assert finished.last_line.startswith("Mail: not delivered: localhost port")
    assert finished.last_line.endswith("Connection refused")


@own_only
@behaviour("mail.sender")
def test_sender(launch: Callable[..., Site]) -> None:
    """MAIL_DEFAULT_SENDER is the sender of the mails, in the envelope as well."""
    with Mailbox() as mailbox:
        site = launch(mail=mailbox, env={"MAIL_DEFAULT_SENDER": "errors@example.org"})

        site.fail()

        mail = mailbox.next()
        assert mail.sender == "errors@example.org"
        assert mail.message["From"] == "errors@example.org"
