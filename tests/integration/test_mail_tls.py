"""Encryption of mails, and verification of mail servers."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.harness.mail.certificates import KINDS, changing_context, write_authority
from tests.harness.mail.mailbox import Mailbox
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.site import Site
from tests.harness.target.command import run
from tests.harness.target.workplace import Workplace
from tests.harness.waiting import eventually

CREDENTIALS = ("microblog", "correct horse")
SIGNS_IN = dict(zip(("MAIL_USERNAME", "MAIL_PASSWORD"), CREDENTIALS, strict=True))
ACCOUNTS = pytest.mark.parametrize(
    "account", [{}, SIGNS_IN], ids=["no-credentials", "signs-in"]
)

#: The server's certificate, None without STARTTLS, and whether it is valid.
TABLE = {
    "good": True,
    "self-signed": False,
    "wrong-host": False,
    "expired": False,
    None: False,
}
#: The complete lines that a client may send before encryption.
GREETING = re.compile(rb"(?i)(ehlo|helo) \[?[-\w.:]+\]?|starttls|rset|noop|quit")


class Turncoat(Mailbox):
    """A mail server that changes its certificate between mails."""

    def __init__(self, *, implicit: bool, signs_in: bool) -> None:
        self._shown = "good"
        self._turning = changing_context(lambda: self._shown)
        super().__init__(
            certificate=self._turning,
            implicit=implicit,
            credentials=CREDENTIALS if signs_in else None,
        )

    def show(self, certificate: str | None) -> None:
        """Offer TLS with this certificate; None: do not offer STARTTLS."""
        self._shown = certificate or self._shown
        self._starttls = self._turning if certificate else None
        self.clear()
        self.misbehave(None)  # forget earlier clients as well


@contextmanager
def settled(site: Site, mailbox: Mailbox) -> Iterator[None]:
    """Wait until the one error of the block is mailed, or its client has given up.

    Our own site logs that; of other sites, only the end of the connection is visible.
    """
    site.log.forget()
    yield
    own = site.workplace.target.is_own
    eventually(
        lambda: (
            not mailbox.empty()
            or ("Mail not delivered" in site.log.text if own else mailbox.client_left)
        ),
        what="a mail, or the end of a client that brought none",
        tail=site.process.tail,
    )


@dataclass
class Outcome:
    """What a mail server received."""

    #: Whether a client connected.
    connected: bool
    #: For each mail that came, whether it came inside TLS.
    mails: list[bool]
    #: Whether a client authenticated.
    password: bool
    #: The unencrypted lines that are more than a greeting.
    in_clear: list[bytes]
    #: Whether anything was received inside TLS.
    in_tls: bool


def outcomes(
    site: Site, mailbox: Turncoat, certificates: Iterable[str | None]
) -> Iterator[tuple[str | None, Outcome]]:
    """Have an error mailed to a server with each certificate in turn."""
    site.require_mail()
    for certificate in certificates:
        mailbox.show(certificate)
        before = mailbox.connections
        with settled(site, mailbox):
            site.fail()
        lines = mailbox.in_clear.splitlines()
        yield (
            certificate,
            Outcome(
                connected=mailbox.connections > before,
                mails=[mail.encrypted for mail in mailbox.drain()],
                password=bool(mailbox.attempts),
                in_clear=[line for line in lines if not GREETING.fullmatch(line)],
                in_tls=bool(mailbox.in_tls),
            ),
        )


def demand_proof(
    launch: Callable[..., Site],
    env: Mapping[str, str],
    table: dict[str | None, bool],
    authority: Path,
    *,
    implicit: bool,
) -> None:
    """Assert that a server without a valid certificate received nothing."""
    signs_in = "MAIL_USERNAME" in env
    with Turncoat(implicit=implicit, signs_in=signs_in) as mailbox:
        site = launch(mail=mailbox, env={**env, "SSL_CERT_FILE": str(authority)})
        # Last, the valid one: its client quits after the mail.
        came = dict(outcomes(site, mailbox, reversed(table)))

    assert came == {
        certificate: Outcome(
            connected=True,
            mails=[True] if proven else [],
            password=proven and signs_in,
            in_clear=[],
            in_tls=proven,
        )
        for certificate, proven in table.items()
    }, "A server without a valid certificate received more than a greeting."


@behaviour("mail.tls-table")
@ACCOUNTS
def test_starttls(
    launch: Callable[..., Site], tmp_path: Path, account: Mapping[str, str]
) -> None:
    """With STARTTLS, an unverified server receives no more than a greeting."""
    env = {"MAIL_USE_TLS": "1", **account}

    demand_proof(launch, env, TABLE, write_authority(tmp_path), implicit=False)


@own_only
@behaviour("mail.tls-table")
@ACCOUNTS
def test_tls_from_the_first_byte(
    launch: Callable[..., Site], tmp_path: Path, account: Mapping[str, str]
) -> None:
    """With MAIL_USE_SSL an unverified server receives nothing."""
    env = {"MAIL_USE_SSL": "1", **account}
    table: dict[str | None, bool] = {kind: TABLE[kind] for kind in KINDS}

    demand_proof(launch, env, table, write_authority(tmp_path), implicit=True)


@own_only
@behaviour("mail.tls-table")
@ACCOUNTS
def test_tls_not_asked(launch: Callable[..., Site], account: Mapping[str, str]) -> None:
    """Without TLS, mail is sent in clear, and a password only if that is allowed."""
    allowed = {**account, "MAIL_AUTH_WITHOUT_TLS": "1"} if account else {}
    with Turncoat(implicit=False, signs_in=bool(account)) as mailbox:
        site = launch(mail=mailbox, env=allowed)
        came = dict(outcomes(site, mailbox, TABLE))

    for outcome in came.values():
        assert outcome.in_clear
        outcome.in_clear.clear()
    assert came == {
        certificate: Outcome(
            connected=True,
            mails=[False],
            password=bool(account),
            in_clear=[],
            in_tls=False,
        )
        for certificate in TABLE
    }


#: A program with an error.
COMPLAINS = """
from app import create_app
create_app().logger.error("the pipe burst")
"""


@own_only
@behaviour("mail.tls-table")
def test_password_that_would_go_in_clear(workplace: Workplace) -> None:
    """Without TLS, a password that may not be sent in clear stops the start."""
    (workplace.code / "complains.py").write_text(COMPLAINS)
    with Mailbox(credentials=CREDENTIALS) as mailbox:
        mail = {**mailbox.settings, "ADMINS": "susan@example.com"}

        ended = run(workplace, "complains", env={**mail, **SIGNS_IN})

        assert list(mailbox.attempts) == []
    assert ended.status == 4
    assert ended.last_line == (
        "MAIL_USERNAME and MAIL_PASSWORD would be sent in clear: "
        "set MAIL_USE_TLS or MAIL_USE_SSL, or else MAIL_AUTH_WITHOUT_TLS"
    )


@own_only
@behaviour("mail.tls-table")
def test_implicit_tls_with_a_server_that_has_none(launch: Callable[..., Site]) -> None:
    """With MAIL_USE_SSL a server without TLS receives no mail and no password."""
    with Mailbox(credentials=CREDENTIALS) as mailbox:
        site = launch(mail=mailbox, env={"MAIL_USE_SSL": "1", **SIGNS_IN})

        with settled(site, mailbox):
            site.fail("what nobody else reads")

        assert mailbox.connections == 1
        assert (mailbox.drain(), list(mailbox.attempts)) == ([], [])
        # The client starts a TLS handshake and gives up; its bytes are lost if the
        # client disconnects before the server has read them.
        assert b"\x16\x03".startswith(mailbox.in_clear[:2])
        assert len(mailbox.in_clear) < 2000


@own_only
@behaviour("mail.implicit-tls")
def test_implicit_tls(launch: Callable[..., Site], tmp_path: Path) -> None:
    """With MAIL_USE_SSL a mail is sent inside TLS from the first byte."""
    with Mailbox(certificate="good", implicit=True, credentials=CREDENTIALS) as mailbox:
        site = launch(
            mail=mailbox,
            env={
                "MAIL_USE_SSL": "1",
                "MAIL_CA_FILE": str(write_authority(tmp_path)),
                **SIGNS_IN,
            },
        )

        site.fail()

        [mail] = site.mails()
        assert (mail.encrypted, mail.authenticated) == (True, CREDENTIALS[0])
        assert mailbox.in_clear == b""
