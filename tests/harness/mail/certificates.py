"""TLS certificates for a mail server: a valid one, and three invalid ones."""

import datetime
import ssl
from collections.abc import Callable
from functools import cache
from pathlib import Path

import trustme

#: Valid, issued by an unknown authority, issued for another host, or expired.
KINDS = ("good", "self-signed", "wrong-host", "expired")


@cache
def _authority() -> trustme.CA:
    """Return the only certificate authority that clients trust."""
    return trustme.CA()


def write_authority(folder: Path) -> Path:
    """Write the authority's certificate to *folder* as PEM and return its path."""
    path = folder / "authority.pem"
    _authority().cert_pem.write_to_path(path)
    return path


@cache
def server_context(kind: str) -> ssl.SSLContext:
    """Return a server's TLS context with a certificate of a kind."""
    return _new_context(kind)


def changing_context(kind: Callable[[], str]) -> ssl.SSLContext:
    """Return a TLS context that asks *kind* which certificate each client gets.

    Clients that send no server name get the valid one.
    """

    def change(connection: ssl.SSLObject, name: str, context: ssl.SSLContext) -> None:
        connection.context = server_context(kind())

    context = _new_context("good")
    context.sni_callback = change
    return context


def _new_context(kind: str) -> ssl.SSLContext:
    issuer = trustme.CA() if kind == "self-signed" else _authority()
    names = ("mail.example",) if kind == "wrong-host" else ("localhost", "127.0.0.1")
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    certificate = issuer.issue_cert(
        *names, not_after=yesterday if kind == "expired" else None
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context
