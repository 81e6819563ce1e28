"""Certificates for a mail server: one that holds, and three that do not."""

import datetime
import ssl
from collections.abc import Callable
from functools import cache
from pathlib import Path

import trustme

#: What the server shows: good, signed by nobody known, for another host, or old.
KINDS = ("good", "self-signed", "wrong-host", "expired")


@cache
def _authority() -> trustme.CA:
    """Return the one authority that a client may be told to trust."""
    return trustme.CA()


def write_authority(folder: Path) -> Path:
    """Write the authority's certificate to *folder*, as PEM."""
    path = folder / "authority.pem"
    _authority().cert_pem.write_to_path(path)
    return path


@cache
def server_context(kind: str) -> ssl.SSLContext:
    """Return a server's context that shows a certificate of *kind*."""
    return _new_context(kind)


def turning_context(kind: Callable[[], str]) -> ssl.SSLContext:
    """Return one that shows to each client who names a host what *kind* then says."""

    def turn(connection: ssl.SSLObject, name: str, context: ssl.SSLContext) -> None:
        connection.context = server_context(kind())

    context = _new_context("good")
    context.sni_callback = turn
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
