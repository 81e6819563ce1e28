"""Secrets are found in mails and logs."""

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
from tests.integration.harness.http.scripted_site import ScriptedSite
from tests.integration.harness.mail.smtp_client import ADMINS, SENDER, Client

PLANTED = "Open-Sesame-2-Doors"
FORM = """
    <form method="post" action="/door">
    <input type="hidden" name="csrf_token" value="a-token-of-this-form">
    <input type="password" name="password"><input name="body"></form>
"""


@pytest.fixture
def scanner() -> SecretScanner:
    """A scanner that knows a password."""
    scanner = SecretScanner()
    scanner.add("the password", PLANTED)
    return scanner


def found(scanner: SecretScanner, text: str) -> list[str]:
    """Return the findings in a text."""
    scanner.scan("a text", text)
    return scanner.pop_findings()


@pytest.mark.parametrize(
    "text",
    [
        PLANTED,
        f"form: password={PLANTED}&next=/",
        f"{'-' * 300}{PLANTED}{'-' * 300}",
    ],
    ids=["alone", "amid", "far-in"],
)
def test_known_secret(scanner: SecretScanner, text: str) -> None:
    """A known secret is found anywhere in a text, and shown with its surroundings."""
    [finding] = found(scanner, text)

    assert finding.startswith("the password, '")
    assert PLANTED in finding
    assert finding.endswith(" stands in a text")


def test_percent_encoded_secret(scanner: SecretScanner) -> None:
    """A known secret is found in its percent-encoded spellings."""
    scanner.add("the password", "offene Türen & Tore")

    assert len(found(scanner, "offene%20T%C3%BCren%20%26%20Tore")) == 1
    assert len(found(scanner, "offene+T%C3%BCren+%26+Tore")) == 1


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
def test_unknown_secret(scanner: SecretScanner, text: str) -> None:
    """A password hash or a signed token is found without being known."""
    assert len(found(scanner, f"it is {text}.")) == 1


def test_harmless_text(scanner: SecretScanner) -> None:
    """Other text and trivial secrets, which could occur by chance, are not findings."""
    scanner.add("the password", "cat")
    scanner.add("the password", "Open-Sesame-2-Windows")
    scanner.add("the password", "x" * 140)

    assert found(scanner, f"Open-Sesame-2-: the cat{'x' * 150} \\[hidden]") == []


def test_popped_findings(scanner: SecretScanner) -> None:
    """A finding is returned once."""
    assert (len(found(scanner, PLANTED)), scanner.pop_findings()) == (1, [])


def test_long_line(scanner: SecretScanner) -> None:
    """Scanning a line takes time linear in its length."""
    begin = time.process_time()

    assert found(scanner, "x" * 100_000) == []
    assert time.process_time() - begin < 1


def test_sensitive_settings() -> None:
    """Settings with sensitive names are secret, and of a database URL the password."""
    scanner = SecretScanner()
    settings = {
        "SECRET_KEY": "the key of the harness",
        "MAIL_SERVER": "mail.localhost.example",
        "DATABASE_URL": "postgresql://susan:open-the-doors@localhost:5432/site",
        "OTHER_DATABASE_URL": "sqlite:////tmp/the-site-of-susan.db",
    }
    scanner.add_fields("the setting", settings.items())

    assert [len(found(scanner, value)) for value in settings.values()] == [1, 0, 1, 0]


def test_secrets_of_a_browser(scripted: ScriptedSite) -> None:
    """The passwords, tokens and cookies that a browser uses are secrets."""
    scanner = SecretScanner()
    scripted.answer("/door", method="POST", Set_Cookie="session=what-susan-is-known-by")
    with Browser(lambda: scripted.url, SiteMap(), scanner) as browser:
        [served] = page(FORM, f"{scripted.url}/here").forms
        browser.submit(served, password=PLANTED, body="what everybody reads")
        browser.copy().open("/", headers={"Authorization": "Bearer of-what-is-hers"})

    used = {
        PLANTED,
        "a-token-of-this-form",
        "what-susan-is-known-by",
        "of-what-is-hers",
    }
    assert {text for text in used if found(scanner, text)} == used
    assert found(scanner, "what everybody reads") == []


def test_secret_in_a_log(tmp_path: Path, scanner: SecretScanner) -> None:
    """The log of a site is scanned at each reset and when the site ends."""
    (tmp_path / "original").mkdir()
    workplace = Workplace.prepare(Target(tmp_path / "original"), tmp_path / "site")
    site = Site(
        workplace,
        ServerCommand((), "", 15),
        env={"MAIL_PASSWORD": "sent-in-the-morning"},
    )
    site.scan_with(scanner)
    site.log.directory.mkdir()

    site.log.current.write_text(f"2026: {PLANTED}\n")
    site.log.forget()
    [first] = scanner.pop_findings()
    with site.log.current.open("a") as file:
        file.write("2026: sent-in-the-morning\n")
    site.close()
    [second] = scanner.pop_findings()

    assert first.startswith("the password, ")
    assert second.startswith("the setting MAIL_PASSWORD, ")
    assert first.endswith("stands in the log of site")


def test_secret_in_a_mail(tmp_path: Path, scanner: SecretScanner) -> None:
    """Every mail of a site is scanned, including encoded text."""
    (tmp_path / "original").mkdir()
    workplace = Workplace.prepare(Target(tmp_path / "original"), tmp_path / "site")
    with Mailbox() as mailbox, Client(mailbox) as client:
        site = Site(workplace, ServerCommand((), "", 15), env={}, mailbox=mailbox)
        site.scan_with(scanner)
        message = EmailMessage()
        message.set_content(PLANTED, cte="base64")
        client.sendmail(SENDER, ADMINS, message.as_bytes())

    [finding] = scanner.pop_findings()
    assert finding.endswith("stands in a mail of site")
