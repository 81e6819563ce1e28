"""That a secret which stands in a mail or a log is found, and fails the run."""

import time
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.harness.http.browser import Browser
from tests.harness.http.site_map import SiteMap
from tests.harness.logs.secret_scanner import SecretScanner
from tests.harness.mail.mailbox import Mailbox
from tests.harness.server.service import ServerCommand
from tests.harness.server.site import Site
from tests.harness.target.target import Target
from tests.harness.target.workplace import Workplace
from tests.html import page
from tests.integration.harness.http.scripted_site import Scripted
from tests.integration.harness.mail.smtp_client import ADMINS, SENDER, Client

PLANTED = "Open-Sesame-2-Doors"
FORM = """
    <form method="post" action="/door">
    <input type="hidden" name="csrf_token" value="a-token-of-this-form">
    <input type="password" name="password"><input name="body"></form>
"""


@pytest.fixture
def secrecy() -> SecretScanner:
    """One of the test's own, which knows a password."""
    secrecy = SecretScanner()
    secrecy.keep("the password", PLANTED)
    return secrecy


def found(secrecy: SecretScanner, text: str) -> list[str]:
    """Return what is found in a text."""
    secrecy.look_through("a text", text)
    return secrecy.findings()


@pytest.mark.parametrize(
    "text",
    [
        PLANTED,
        f"form: password={PLANTED}&next=/",
        f"{'-' * 300}{PLANTED}{'-' * 300}",
    ],
    ids=["alone", "amid", "far-in"],
)
def test_known(secrecy: SecretScanner, text: str) -> None:
    """A known secret is found wherever it stands, and told with its surroundings."""
    [told] = found(secrecy, text)

    assert told.startswith("the password, '")
    assert PLANTED in told
    assert told.endswith(" stands in a text")


def test_spelled_as_in_an_address(secrecy: SecretScanner) -> None:
    """A known secret is found as an address spells it."""
    secrecy.keep("the password", "offene Türen & Tore")

    assert len(found(secrecy, "offene%20T%C3%BCren%20%26%20Tore")) == 1
    assert len(found(secrecy, "offene+T%C3%BCren+%26+Tore")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "scrypt:32768:8:1$salt$" + "0f" * 64,
        "pbkdf2:sha256:1000000$salt$" + "0f" * 32,
        "$2b$12$abcdefghijklmnopqrstuv",
        "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$hash",
        "session=.eJwlzjkOwjAQAMC.ZzX2fA.Q0hAh2-6TPm1Qd0r0bZsJc_XTH0",
    ],
    ids=lambda text: text[:7],
)
def test_looks(secrecy: SecretScanner, text: str) -> None:
    """What looks like a hash or a signed token is found without being known."""
    assert len(found(secrecy, f"it is {text}.")) == 1


def test_nothing_to_find(secrecy: SecretScanner) -> None:
    """Other text, and what is too short or too plain to be told from it, is left."""
    secrecy.keep("the password", "cat")
    secrecy.keep("the password", "Open-Sesame-2-Windows")
    secrecy.keep("the password", "x" * 140)

    assert found(secrecy, f"Open-Sesame-2-: the cat{'x' * 150} \\[hidden]") == []


def test_found_once(secrecy: SecretScanner) -> None:
    """What was told is not told again."""
    assert (len(found(secrecy, PLANTED)), secrecy.findings()) == (1, [])


def test_long_line(secrecy: SecretScanner) -> None:
    """A line takes no longer than its length says, whatever stands in it."""
    begin = time.process_time()

    assert found(secrecy, "x" * 100_000) == []
    assert time.process_time() - begin < 1


def test_settings() -> None:
    """Of settings those are kept whose names say so, of an address its password."""
    secrecy = SecretScanner()
    settings = {
        "SECRET_KEY": "the key of the harness",
        "MAIL_SERVER": "mail.localhost.example",
        "DATABASE_URL": "postgresql://susan:open-the-doors@localhost:5432/site",
        "OTHER_DATABASE_URL": "sqlite:////tmp/the-site-of-susan.db",
    }
    secrecy.keep_fields("the setting", settings.items())

    assert [len(found(secrecy, value)) for value in settings.values()] == [1, 0, 1, 0]


def test_what_a_browser_uses(scripted: Scripted) -> None:
    """What a browser sends and gets of passwords, tokens and cookies is kept."""
    secrecy = SecretScanner()
    scripted.answer("/door", method="POST", Set_Cookie="session=what-susan-is-known-by")
    with Browser(lambda: scripted.url, SiteMap(), secrecy) as browser:
        [served] = page(FORM, f"{scripted.url}/here").forms
        browser.submit(served, password=PLANTED, body="what everybody reads")
        browser.copy().open("/", headers={"Authorization": "Bearer of-what-is-hers"})

    used = {
        PLANTED,
        "a-token-of-this-form",
        "what-susan-is-known-by",
        "of-what-is-hers",
    }
    assert {text for text in used if found(secrecy, text)} == used
    assert found(secrecy, "what everybody reads") == []


def test_log_that_tells(tmp_path: Path, secrecy: SecretScanner) -> None:
    """The log of a site is looked through when it is forgotten and at the end."""
    (tmp_path / "original").mkdir()
    workplace = Workplace.prepare(Target(tmp_path / "original"), tmp_path / "site")
    site = Site(
        workplace,
        ServerCommand((), "", 15),
        env={"MAIL_PASSWORD": "sent-in-the-morning"},
    )
    site.guard(secrecy)
    site.log.directory.mkdir()

    site.log.current.write_text(f"2026: {PLANTED}\n")
    site.log.forget()
    [first] = secrecy.findings()
    with site.log.current.open("a") as file:
        file.write("2026: sent-in-the-morning\n")
    site.close()
    [second] = secrecy.findings()

    assert first.startswith("the password, ")
    assert second.startswith("the setting MAIL_PASSWORD, ")
    assert first.endswith("stands in the log of site")


def test_mail_that_tells(tmp_path: Path, secrecy: SecretScanner) -> None:
    """Every mail of a site is looked through, also if its text is encoded."""
    (tmp_path / "original").mkdir()
    workplace = Workplace.prepare(Target(tmp_path / "original"), tmp_path / "site")
    with Mailbox() as mailbox, Client(mailbox) as client:
        site = Site(workplace, ServerCommand((), "", 15), env={}, mailbox=mailbox)
        site.guard(secrecy)
        message = EmailMessage()
        message.set_content(PLANTED, cte="base64")
        client.sendmail(SENDER, ADMINS, message.as_bytes())

    [told] = secrecy.findings()
    assert told.endswith("stands in a mail of site")
