"""Errors by e-mail, as in the chapter."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import pytest

from tests.harness.http.visitor import Visitor
from tests.harness.mail.certificates import write_authority
from tests.harness.mail.mailbox import Mailbox
from tests.harness.mail.message import Mail
from tests.harness.plugin.behaviour import behaviour, own_only, wording
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site
from tests.harness.target.target import ADMINS
from tests.harness.waiting import eventually

CREDENTIALS = ("microblog", "correct horse")


@behaviour("mail.error-is-mailed")
def test_error_is_mailed_to_all(site: Site) -> None:
    """An unhandled exception sends one mail to every administrator."""
    site.fail()

    mail = site.one_mail()
    assert mail.recipients == site.admins, (
        f"The mail went to {' and '.join(mail.recipients)}, "
        f"not to {' and '.join(site.admins)}."
    )


@wording
@behaviour("mail.error-is-mailed")
def test_subject_and_sender(site: Site) -> None:
    """The mail has the subject "Microblog Failure", from no-reply@MAIL_SERVER."""
    site.fail()

    mail = site.one_mail()
    assert mail.subject == "Microblog Failure", f"Its subject is {mail.subject!r}."
    assert mail.sender == "no-reply@localhost", f"Its sender is {mail.sender}."


@behaviour("mail.error-is-mailed")
def test_stack_trace_and_address(site: Site) -> None:
    """The mail has the whole stack trace and the address that failed."""
    site.fail("the pipe burst")

    mail = site.one_mail()
    assert "Traceback (most recent call last):" in mail.text, (
        "The mail has no stack trace."
    )
    assert "full_dispatch_request" in mail.text, (
        "The stack trace in the mail does not begin with the request."
    )
    assert "RuntimeError: the pipe burst" in mail.text, (
        "The mail does not name the exception."
    )
    assert "/__probe__/raise" in mail.text, (
        "The mail does not name the address that failed."
    )


@behaviour("mail.default-port")
def test_default_port(launch: Callable[..., Site]) -> None:
    """Without MAIL_PORT the client connects to port 25 of MAIL_SERVER."""
    site = launch(env={"MAIL_SERVER": "localhost", "ADMINS": ADMINS[0]})
    site.require_mail()

    site.fail()

    ports = eventually(site.probe.connections, what="a connection to the mail server")
    assert ports == {25}, f"It connects to port {', '.join(map(str, ports))}."


@behaviour("mail.logged-error-is-mailed")
@pytest.mark.parametrize("level", ["ERROR", "CRITICAL"])
def test_logged_error_is_mailed(site: Site, level: str) -> None:
    """A record at level ERROR is mailed."""
    site.probe.log(level, f"the pipe leaks: {level}")

    mail = site.one_mail()
    assert f"the pipe leaks: {level}" in mail.text, (
        f"The mail says {mail.text[:200]!r}, not what was logged."
    )


@behaviour("mail.logged-error-is-mailed")
@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARNING"])
def test_lesser_records_are_not_mailed(site: Site, level: str) -> None:
    """Records below level ERROR are not mailed."""
    site.require_mail()
    site.probe.log(level, "the pipe drips")

    mails = site.mails()
    assert mails == [], (
        f"{len(mails)} mails came, the first says {mails[0].text[:200]!r}."
    )


@behaviour("mail.off-without-server")
def test_without_server(launch: Callable[..., Site]) -> None:
    """Without MAIL_SERVER nothing is sent, and an error gets its page."""
    with Mailbox() as mailbox:
        site = launch(env={"MAIL_PORT": str(mailbox.port), "ADMINS": ADMINS[0]})
        site.require_mail()

        page = site.fail()
        site.stop()

        assert page.body != b"", "The error is answered with an empty page."
        assert mailbox.connections == 0, (
            f"Connections to the mail server: {mailbox.connections}."
        )


@behaviour("mail.off-in-debug")
def test_nothing_is_mailed_in_debug(launch: Callable[..., Site]) -> None:
    """In debug mode no error is mailed."""
    with Mailbox() as mailbox:
        site = launch(mail=mailbox, debug=True, arguments=("--no-reload",))
        site.require_mail()

        site.fail("the pipe burst")
        site.probe.log("ERROR", "the pipe leaks")
        # The debugger answers before it prints the trace.
        site.process.wait_for("the pipe burst")
        site.stop()

        assert mailbox.connections == 0, (
            f"Connections to the mail server: {mailbox.connections}."
        )


@behaviour("mail.not-for-client-errors")
def test_not_for_client_errors(site: Site, susan: Visitor) -> None:
    """A missing page and a refused form send no mail."""
    site.require_mail()
    susan.open("/nope")
    susan.profile("nobody")
    susan.edit_profile(about_me="x" * 141)

    mails = site.mails()
    assert mails == [], (
        f"{len(mails)} mails came, the first says {mails[0].text[:200]!r}."
    )


@dataclass
class Delivery:
    """An error mailed with MAIL_USE_TLS, MAIL_USERNAME and MAIL_PASSWORD."""

    site: Site
    mailbox: Mailbox

    @cached_property
    def mails(self) -> list[Mail]:
        """The mails about the error."""
        return [mail for mail in self.site.mails() if "the pipe burst" in mail.text]


@pytest.fixture(scope="module")
def delivery(
    launcher: Launcher, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Delivery]:
    """An error mailed to a server with TLS that requires credentials."""
    authority = write_authority(tmp_path_factory.mktemp("authority"))
    username, password = CREDENTIALS
    env = {
        "MAIL_USE_TLS": "1",
        "MAIL_USERNAME": username,
        "MAIL_PASSWORD": password,
        "SSL_CERT_FILE": str(authority),
    }
    with (
        Mailbox(certificate="good", credentials=CREDENTIALS) as mailbox,
        launcher.launch(mail=mailbox, env=env) as site,
    ):
        site.fail("the pipe burst")
        yield Delivery(site, mailbox)


@behaviour("mail.credentials")
def test_credentials(delivery: Delivery) -> None:
    """With MAIL_USERNAME and MAIL_PASSWORD, the client authenticates."""
    assert {mail.authenticated for mail in delivery.mails} == {CREDENTIALS[0]}, (
        f"{len(delivery.mails)} mails came, "
        f"{sum(not mail.authenticated for mail in delivery.mails)} not authenticated."
    )


@behaviour("mail.starttls")
def test_starttls(delivery: Delivery) -> None:
    """With MAIL_USE_TLS and credentials the client encrypts, then authenticates."""
    assert {mail.encrypted for mail in delivery.mails} == {True}, (
        f"{len(delivery.mails)} mails came, "
        f"{sum(not mail.encrypted for mail in delivery.mails)} of them in clear."
    )
    assert {attempt.encrypted for attempt in delivery.mailbox.attempts} == {True}, (
        "The password was sent in clear, or not at all."
    )


@own_only
@behaviour("mail.credentials")
@pytest.mark.parametrize(
    ("setting", "credentials"),
    [("MAIL_USERNAME", ("one half", "")), ("MAIL_PASSWORD", ("", "one half"))],
    ids=["name", "password"],
)
def test_half_the_credentials(
    launch: Callable[..., Site], setting: str, credentials: tuple[str, str]
) -> None:
    """MAIL_USERNAME or MAIL_PASSWORD alone makes the client authenticate."""
    with Mailbox(credentials=credentials) as mailbox:
        env = {setting: "one half", "MAIL_AUTH_WITHOUT_TLS": "1"}
        site = launch(mail=mailbox, env=env)

        site.fail("the pipe burst")

        assert "the pipe burst" in mailbox.next().text
        assert [one.username for one in mailbox.attempts] == [credentials[0]]


@behaviour("mail.credentials")
def test_credentials_without_tls(launch: Callable[..., Site]) -> None:
    """Without MAIL_USE_TLS the client authenticates on a connection in clear."""
    env = {
        **dict(zip(("MAIL_USERNAME", "MAIL_PASSWORD"), CREDENTIALS, strict=True)),
        "MAIL_AUTH_WITHOUT_TLS": "1",
    }
    with Mailbox(credentials=CREDENTIALS) as mailbox:
        site = launch(mail=mailbox, env=env)

        site.fail("the pipe burst")

        mails = site.mails()
        assert {(one.authenticated, one.encrypted) for one in mails} == {
            (CREDENTIALS[0], False)
        }, f"{len(mails)} mails came, not all of them authenticated and in clear."


@behaviour("mail.credentials")
def test_without_credentials(site: Site) -> None:
    """Without MAIL_USERNAME and MAIL_PASSWORD the client does not authenticate."""
    site.require_mail()
    site.fail()

    assert {mail.authenticated for mail in site.mails()} == {None}, (
        "A mail came after signing in, or none came."
    )
    assert site.mailbox is not None
    assert len(site.mailbox.attempts) == 0, (
        "A client tried to sign in to the mail server."
    )
