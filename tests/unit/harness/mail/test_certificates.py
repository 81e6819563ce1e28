"""Certificates for a mail server: one that holds, and three that do not."""

import ssl
from pathlib import Path

import pytest

from tests.harness.mail.certificates import (
    KINDS,
    server_context,
    turning_context,
    write_authority,
)


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    """Let the two agree on a connection to localhost, in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname="localhost"),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    while ends:
        try:
            ends[0].do_handshake()
        except ssl.SSLWantReadError:
            ends.reverse()
        else:
            ends.pop(0)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A client that trusts the authority, and looks at everything."""
    authority = write_authority(tmp_path_factory.mktemp("authority"))
    return ssl.create_default_context(cafile=str(authority))


def test_good(client: ssl.SSLContext) -> None:
    """A client that trusts the authority takes the good certificate."""
    shake_hands(server_context("good"), client)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("self-signed", "unable to get local issuer certificate|self-signed"),
        ("wrong-host", "Hostname mismatch"),
        ("expired", "certificate has expired"),
    ],
)
def test_bad(client: ssl.SSLContext, kind: str, reason: str) -> None:
    """Each bad certificate is refused, for the reason that it is named after."""
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        shake_hands(server_context(kind), client)


def test_turning(client: ssl.SSLContext) -> None:
    """A turning server shows to each client the certificate of that moment."""
    shown = "good"
    server = turning_context(lambda: shown)
    shake_hands(server, client)

    shown = "expired"
    with pytest.raises(ssl.SSLCertVerificationError, match="has expired"):
        shake_hands(server, client)


def test_kept() -> None:
    """A certificate is made once: keys take their time."""
    assert all(server_context(kind) is server_context(kind) for kind in KINDS)


def test_authority(tmp_path: Path) -> None:
    """The authority is written as PEM."""
    text = write_authority(tmp_path).read_text(encoding="ascii")

    assert text.startswith("-----BEGIN CERTIFICATE-----")
