"""What is encrypted, and who is believed to be the mail server."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.harness.behaviour import SHOULD, behaviour, own_only
from tests.harness.certificates import KINDS, turning_context, write_authority
from tests.harness.mailbox import Mailbox
from tests.harness.site import Site
from tests.harness.waiting import eventually

pytestmark = own_only

CREDENTIALS = ("microblog", "correct horse")
SIGNS_IN = dict(zip(("MAIL_USERNAME", "MAIL_PASSWORD"), CREDENTIALS, strict=True))

#: What the server shows, None for no STARTTLS at all, and whether it proves its name.
TABLE = {
    "good": True,
    "self-signed": False,
    "wrong-host": False,
    "expired": False,
    None: False,
}
#: What a client may say before it is encrypted.
GREETINGS = {b"EHLO", b"STARTTLS", b"QUIT"}


class Turncoat(Mailbox):
    """A mail server that shows another certificate from one mail to the next."""

    def __init__(self, *, implicit: bool, signs_in: bool) -> None:
        self._shown = "good"
        self._turning = turning_context(lambda: self._shown)
        super().__init__(
            certificate=self._turning,
            implicit=implicit,
            credentials=CREDENTIALS if signs_in else None,
        )

    def show(self, certificate: str | None) -> None:
        """Offer TLS with this certificate, None: do not offer STARTTLS."""
        self._shown = certificate or self._shown
        self._starttls = self._turning if certificate else None
        self.clear()


@contextmanager
def settled(site: Site, mailbox: Mailbox) -> Iterator[None]:
    """Wait until the one error of the block is mailed, or logged as not mailed."""
    site.log.forget()
    yield
    eventually(
        lambda: not mailbox.empty() or "Mail not delivered" in site.log.text,
        what="a mail, or a record that there is none",
        tail=site.process.tail,
    )


@dataclass
class Outcome:
    """What a mail server got to hear."""

    #: Whether the mail came.
    mail: bool
    #: Whether somebody signed in.
    password: bool
    #: The commands that came in clear.
    in_clear: set[bytes]
    #: Whether anything came inside TLS.
    in_tls: bool


def outcomes(
    site: Site, mailbox: Turncoat, certificates: Iterable[str | None]
) -> Iterator[tuple[str | None, Outcome]]:
    """Let an error be mailed to a server with each certificate in turn."""
    for certificate in certificates:
        mailbox.show(certificate)
        with settled(site, mailbox):
            site.fail()
        lines = mailbox.in_clear.splitlines()
        yield (
            certificate,
            Outcome(
                mail=[mail.encrypted for mail in mailbox.drain()] == [True],
                password=bool(mailbox.attempts),
                in_clear={line.split()[0].upper() for line in lines},
                in_tls=bool(mailbox.in_tls),
            ),
        )


@behaviour("mail.tls-table", SHOULD)
@pytest.mark.parametrize("signs_in", [False, True], ids=["no-credentials", "signs-in"])
@pytest.mark.parametrize("asked", ["MAIL_USE_TLS", "MAIL_USE_SSL"])
def test_certificates(
    launch: Callable[..., Site], tmp_path: Path, asked: str, signs_in: bool
) -> None:
    """With TLS asked a server hears but a greeting until it proves its name."""
    starttls = asked == "MAIL_USE_TLS"
    table = TABLE if starttls else {kind: TABLE[kind] for kind in KINDS}
    with Turncoat(implicit=not starttls, signs_in=signs_in) as mailbox:
        site = launch(
            mail=mailbox,
            env={
                asked: "1",
                "MAIL_CA_FILE": str(write_authority(tmp_path)),
                **(SIGNS_IN if signs_in else {}),
            },
        )
        # The good one at last: its client says goodbye after the mail.
        came = dict(outcomes(site, mailbox, reversed(table)))

    for certificate, proven in table.items():
        assert came[certificate] == Outcome(
            mail=proven,
            password=proven and signs_in,
            in_clear=came[certificate].in_clear & (GREETINGS if starttls else set()),
            in_tls=proven,
        )


@behaviour("mail.tls-table", SHOULD)
def test_implicit_tls_with_a_server_that_has_none(launch: Callable[..., Site]) -> None:
    """With MAIL_USE_SSL a server that speaks no TLS hears no mail and no password."""
    with Mailbox(credentials=CREDENTIALS) as mailbox:
        site = launch(mail=mailbox, env={"MAIL_USE_SSL": "1", **SIGNS_IN})

        with settled(site, mailbox):
            site.fail("what nobody else reads")

        assert (mailbox.drain(), list(mailbox.attempts)) == ([], [])
        # It begins with a handshake of TLS, and ends there; that is lost where the
        # client hangs up before the server has read it.
        assert b"\x16\x03".startswith(mailbox.in_clear[:2])
        assert len(mailbox.in_clear) < 2000


@behaviour("mail.tls-table", SHOULD)
def test_password_without_tls(launch: Callable[..., Site]) -> None:
    """Without TLS a password is not sent, and not even a connection is made."""
    with Mailbox(credentials=CREDENTIALS) as mailbox:
        site = launch(mail=mailbox, env=SIGNS_IN)

        with settled(site, mailbox):
            site.fail()

        assert (mailbox.connections, mailbox.in_clear) == (0, b"")


@behaviour("mail.implicit-tls", SHOULD)
def test_implicit_tls(launch: Callable[..., Site], tmp_path: Path) -> None:
    """With MAIL_USE_SSL a mail comes inside TLS from the first byte."""
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
