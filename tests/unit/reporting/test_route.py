"""The way to the mail server, as the settings describe it."""

from typing import Any

import pytest

from app.reporting.route import Route
from tests.harness.plugin.behaviour import behaviour


def test_defaults(config: dict[str, Any]) -> None:
    """With server and port alone, there is neither TLS nor a signing in."""
    assert Route.from_config(config) == Route("localhost", 25, timeout=5.0)


def test_everything(config: dict[str, Any]) -> None:
    """Every MAIL_ setting finds its place."""
    config |= {
        "MAIL_SERVER": "mail.example.com",
        "MAIL_PORT": 587,
        "MAIL_USE_TLS": True,
        "MAIL_USE_SSL": True,
        "MAIL_USERNAME": "susan",
        "MAIL_PASSWORD": "cat",
        "MAIL_CA_FILE": "/etc/authority.pem",
        "MAIL_AUTH_WITHOUT_TLS": True,
        "MAIL_TIMEOUT": 3.0,
    }

    assert Route.from_config(config) == Route(
        host="mail.example.com",
        port=587,
        starttls=True,
        implicit_tls=True,
        username="susan",
        password="cat",
        ca_file="/etc/authority.pem",
        auth_without_tls=True,
        timeout=3.0,
    )


@behaviour("mail.credentials")
@pytest.mark.parametrize(
    ("credentials", "authenticates"),
    [
        ({}, False),
        ({"username": "susan"}, True),
        ({"password": "cat"}, True),
        ({"username": "susan", "password": "cat"}, True),
    ],
    ids=["none", "name", "password", "both"],
)
def test_authenticates(credentials: dict[str, Any], authenticates: bool) -> None:
    """A user name or a password is enough to sign in with."""
    assert Route("localhost", 25, **credentials).authenticates is authenticates


@pytest.mark.parametrize(
    ("options", "words", "encrypts"),
    [
        ({}, "mail.example.com port 25 (no TLS)", False),
        ({"starttls": True}, "mail.example.com port 25 (STARTTLS)", True),
        ({"implicit_tls": True}, "mail.example.com port 25 (TLS)", True),
    ],
    ids=["clear", "starttls", "implicit"],
)
def test_words(options: dict[str, Any], words: str, encrypts: bool) -> None:
    """The route says in words where it leads and how it is protected."""
    route = Route("mail.example.com", 25, **options)

    assert (str(route), route.encrypts) == (words, encrypts)


@behaviour("mail.no-secrets")
@pytest.mark.parametrize("show", [str, repr])
def test_no_password(show: "type[str]") -> None:
    """However it is shown, the password is not."""
    assert "open sesame" not in show(Route("localhost", 25, password="open sesame"))
