"""What is known of the request in which something was logged."""

import logging
import re

import pytest
from flask import Flask, Request, g, request, session
from flask.sessions import SessionInterface, SessionMixin
from flask_login import AnonymousUserMixin

from app.reporting.occasion import Occasion, note_occasion, occasion_of, reference
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import Collector, Record


@pytest.fixture
def site() -> Flask:
    """An application with nothing but a key."""
    site = Flask("site")
    site.secret_key = "k"
    return site


def noted(record: logging.LogRecord) -> Occasion:
    """The occasion of a record, as the filter notes it."""
    assert note_occasion(record)
    occasion = occasion_of(record)
    assert occasion is not None
    return occasion


@behaviour("errors.reference")
def test_reference(site: Flask) -> None:
    """A reference is eight characters of base32."""
    with site.test_request_context():
        assert re.fullmatch("[A-Z2-7]{8}", reference())


@behaviour("errors.reference")
def test_one_reference_a_request(site: Flask) -> None:
    """A request has one reference, however often it is asked for."""
    with site.test_request_context():
        assert reference() == reference()


@behaviour("errors.reference")
def test_another_reference(site: Flask) -> None:
    """Two requests have two references."""
    made = set()
    for _ in range(2):
        with site.test_request_context():
            made.add(reference())

    assert len(made) == 2


@behaviour("mail.context")
def test_context(site: Flask, record: Record) -> None:
    """Method, address, client and reference of the request are noted."""
    with site.test_request_context(
        "/user/susan?page=2", method="POST", environ_base={"REMOTE_ADDR": "192.0.2.1"}
    ):
        occasion = noted(record())

        assert occasion.method == "POST"
        assert occasion.address == "http://localhost/user/susan?page=2"
        assert occasion.remote == "192.0.2.1"
        assert occasion.reference == reference()


@pytest.mark.parametrize("address", ["/", "/user/susan"])
def test_address_without_query(site: Flask, record: Record, address: str) -> None:
    """An address without a query has no question mark."""
    with site.test_request_context(address):
        assert noted(record()).address == f"http://localhost{address}"


@pytest.mark.parametrize("kept", ["17", "17.a-mark"])
def test_user(site: Flask, record: Record, kept: str) -> None:
    """The user is the one whose id the session holds, whatever follows it there."""
    with site.test_request_context():
        session["_user_id"] = kept

        assert noted(record()).user == "17"


def test_user_who_was_refused(site: Flask, record: Record) -> None:
    """A session that is nobody's any more is that of an anonymous visitor."""
    with site.test_request_context():
        session["_user_id"] = "17.a-mark"
        g._login_user = AnonymousUserMixin()

        assert noted(record()).user == ""


def test_anonymous(site: Flask, record: Record) -> None:
    """An anonymous visitor has no id, and a server may not know his address."""
    with site.test_request_context():
        occasion = noted(record())

    assert (occasion.user, occasion.remote) == ("", "")


def test_no_request(record: Record) -> None:
    """Outside a request there is nothing to note."""
    made = record()

    assert note_occasion(made)
    assert occasion_of(made) is None


def test_unfiltered(record: Record) -> None:
    """A record that no filter has seen has no occasion."""
    assert occasion_of(record()) is None


def test_noted_once(site: Flask, record: Record) -> None:
    """What was noted first stays, also when another handler looks later."""
    made = record()
    with site.test_request_context("/first"):
        first = noted(made)
    with site.test_request_context("/second"):
        assert noted(made) is first


def test_no_reference_without_error(site: Flask, record: Record) -> None:
    """A record that is no error makes no reference."""
    with site.test_request_context():
        assert noted(record(level=logging.WARNING)).reference == ""


@behaviour("mail.no-secrets")
def test_carried_secrets(site: Flask, record: Record) -> None:
    """Cookies, passwords and tokens of four characters or more are known as secrets."""
    with site.test_request_context(
        "/?api_key=a-key&page=2",
        method="POST",
        data={"password": "pass word", "csrf_token": "a-token", "body": "text"},
        headers={"Cookie": "theme=dark; size=100", "Authorization": "Basic abc"},
    ):
        assert request.form
        session["csrf_token"] = "a-raw-token"

        assert set(noted(record()).secrets) == {
            *("a-key", "a-token", "dark", "a-raw-token"),
            *("pass word", "pass%20word", "pass+word"),
            *("Basic abc", "Basic%20abc", "Basic+abc"),
        }


def test_unread_form(site: Flask, record: Record) -> None:
    """A form that nobody has read is not read for the report."""
    with site.test_request_context(method="POST", data={"password": "secret"}):
        noted(record())

        assert request.stream.read() == b"password=secret"


def test_host_refused(site: Flask, record: Record) -> None:
    """A request for a host that is refused is reported without its address."""
    site.config["TRUSTED_HOSTS"] = ["localhost"]
    with site.test_request_context(headers={"Host": "evil.example"}):
        assert noted(record()).address == ""


class NoSession(SessionInterface):
    """Sessions kept where nothing can be read."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:
        """Fail."""
        raise OSError("the session store is away")


def test_no_session(site: Flask) -> None:
    """A request whose session cannot be opened is reported without a user."""
    handler = Collector()
    handler.addFilter(note_occasion)
    site.logger.addHandler(handler)
    site.session_interface = NoSession()

    site.test_client().get("/", headers={"Cookie": "a=b"})

    assert noted(handler.records[0]).user == ""
