"""What is encrypted, and who is believed to be the mail server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.harness.behaviour import SHOULD, behaviour, own_only
from tests.harness.certificates import server_context, write_authority
from tests.harness.mailbox import Mailbox
from tests.harness.site import Site
from tests.harness.waiting import eventually

pytestmark = own_only

CREDENTIALS = ("microblog", "correct horse")
SIGNS_IN = dict(zip(("MAIL_USERNAME", "MAIL_PASSWORD"), CREDENTIALS, strict=True))

#: What the server shows, None for no STARTTLS at all, and whether it gets the mail.
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

    def show(self, certificate: str | None) -> None:
        """Offer STARTTLS with this certificate, None: do not offer it."""
        self._starttls = server_context(certificate) if certificate else None
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


@behaviour("mail.tls-table", SHOULD)
@pytest.mark.parametrize("signs_in", [False, True], ids=["no-credentials", "signs-in"])
def test_starttls(launch: Callable[..., Site], tmp_path: Path, signs_in: bool) -> None:
    """With MAIL_USE_TLS a server hears but a greeting until it proves its name."""
    came, said = {}, set()
    with Turncoat(credentials=CREDENTIALS if signs_in else None) as mailbox:
        site = launch(
            mail=mailbox,
            env={
                "MAIL_USE_TLS": "1",
                "MAIL_CA_FILE": str(write_authority(tmp_path)),
                **(SIGNS_IN if signs_in else {}),
            },
        )
        for certificate in TABLE:
            mailbox.show(certificate)
            with settled(site, mailbox):
                site.fail()
            said |= {line.split()[0].upper() for line in mailbox.in_clear.splitlines()}
            came[certificate] = [mail.encrypted for mail in mailbox.drain()] == [True]
            assert bool(mailbox.attempts) is (signs_in and TABLE[certificate])

    assert came == TABLE
    assert said <= GREETINGS


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
