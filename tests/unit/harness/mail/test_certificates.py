"""TLS certificates for a mail server."""

import ssl

import pytest

from tests.harness.mail.certificates import (
    changing_context,
    server_context,
    write_authority,
)


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    """Complete a TLS handshake for localhost, in memory."""
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
    """The context of a client that trusts the authority and verifies everything."""
    authority = write_authority(tmp_path_factory.mktemp("authority"))
    return ssl.create_default_context(cafile=str(authority))


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("self-signed", "unable to get local issuer certificate|self-signed"),
        ("wrong-host", "Hostname mismatch"),
        ("expired", "certificate has expired"),
    ],
)
def test_invalid_certificate(client: ssl.SSLContext, kind: str, reason: str) -> None:
    """Each invalid certificate is refused for the reason in its name."""
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        shake_hands(server_context(kind), client)


def test_changing_certificate(client: ssl.SSLContext) -> None:
    """A changing context gives each client the certificate of that moment."""
    kind = "good"
    server = changing_context(lambda: kind)
    shake_hands(server, client)

    kind = "expired"
    with pytest.raises(ssl.SSLCertVerificationError, match="has expired"):
        shake_hands(server, client)
