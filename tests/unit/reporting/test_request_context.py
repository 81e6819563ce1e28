"""The request context of log records."""

import logging
import re

import pytest
from flask import Flask, Request, g, request, session
from flask.sessions import SessionInterface, SessionMixin
from flask_login import AnonymousUserMixin

from app.reporting.request_context import (
    RequestContext,
    RequestContextFilter,
    context_of,
    reference,
)
from tests.harness.plugin.behaviour import behaviour
from tests.unit.reporting.conftest import Collector, MakeRecord


@pytest.fixture
def site() -> Flask:
    """A minimal application with a secret key."""
    site = Flask("site")
    site.secret_key = "k"
    return site


def added(record: logging.LogRecord) -> RequestContext:
    """Return the context that the filter adds to a record."""
    assert RequestContextFilter().filter(record)
    context = context_of(record)
    assert context is not None
    return context


@behaviour("errors.reference")
def test_reference(site: Flask) -> None:
    """A reference is eight characters of base32."""
    with site.test_request_context():
        assert re.fullmatch("[A-Z2-7]{8}", reference())


@behaviour("errors.reference")
def test_one_reference_a_request(site: Flask) -> None:
    """Every call within a request returns the same reference."""
    with site.test_request_context():
        assert reference() == reference()


@behaviour("errors.reference")
def test_another_reference(site: Flask) -> None:
    """Two requests have different references."""
    made = set()
    for _ in range(2):
        with site.test_request_context():
            made.add(reference())

    assert len(made) == 2


@behaviour("mail.context")
def test_context(site: Flask, make_record: MakeRecord) -> None:
    """A record has the method, URL, client and reference of its request."""
    with site.test_request_context(
        "/user/susan?page=2", method="POST", environ_base={"REMOTE_ADDR": "192.0.2.1"}
    ):
        context = added(make_record())

        assert context.method == "POST"
        assert context.url == "http://localhost/user/susan?page=2"
        assert context.remote_addr == "192.0.2.1"
        assert context.reference == reference()


@pytest.mark.parametrize(
    ("kept", "user_id"),
    [
        *(("17", "17"), ("17.a-mark", "17"), ("susan@example.com",) * 2),
        *(("0b1d.x",) * 2, ("v1.17",) * 2),
    ],
)
def test_user(site: Flask, make_record: MakeRecord, kept: str, user_id: str) -> None:
    """The user is the one in the session, without the mark that may follow a number."""
    with site.test_request_context():
        session["_user_id"] = kept

        assert added(make_record()).user_id == user_id


def test_refused_user(site: Flask, make_record: MakeRecord) -> None:
    """A session that Flask-Login refused is that of an anonymous visitor."""
    with site.test_request_context():
        session["_user_id"] = "17.a-mark"
        g._login_user = AnonymousUserMixin()

        assert added(make_record()).user_id == ""


def test_anonymous(site: Flask, make_record: MakeRecord) -> None:
    """An anonymous visitor has no user id, and a client may have no address."""
    with site.test_request_context():
        context = added(make_record())

    assert (context.user_id, context.remote_addr) == ("", "")


def test_no_request(make_record: MakeRecord) -> None:
    """A record that is logged outside a request has no context."""
    record = make_record()

    assert RequestContextFilter().filter(record)
    assert context_of(record) is None


def test_unfiltered(make_record: MakeRecord) -> None:
    """A record that did not pass the filter has no context."""
    assert context_of(make_record()) is None


def test_added_once(site: Flask, make_record: MakeRecord) -> None:
    """A second handler's filter does not replace the context."""
    record = make_record()
    with site.test_request_context("/first"):
        first = added(record)
    with site.test_request_context("/second"):
        assert added(record) is first


def test_no_reference_without_error(site: Flask, make_record: MakeRecord) -> None:
    """A record below ERROR has no reference."""
    with site.test_request_context():
        assert added(make_record(level=logging.WARNING)).reference == ""


@behaviour("mail.no-secrets")
def test_request_secrets(site: Flask, make_record: MakeRecord) -> None:
    """Cookies, passwords and tokens of four characters or more are secrets."""
    with site.test_request_context(
        "/?api_key=a-key&page=2",
        method="POST",
        data={"password": "pass word", "csrf_token": "a-token", "body": "text"},
        headers={"Cookie": "theme=dark; size=100", "Authorization": "Basic abc"},
    ):
        assert request.form
        session["csrf_token"] = "a-raw-token"

        assert set(added(make_record()).secrets) == {
            *("a-key", "a-token", "dark", "a-raw-token"),
            *("pass word", "pass%20word", "pass+word"),
            *("Basic abc", "Basic%20abc", "Basic+abc"),
        }


def test_unread_form(site: Flask, make_record: MakeRecord) -> None:
    """Reporting does not read a form that the view has not read."""
    with site.test_request_context(method="POST", data={"password": "secret"}):
        added(make_record())

        assert request.stream.read() == b"password=secret"


def test_untrusted_host(site: Flask, make_record: MakeRecord) -> None:
    """A request with an untrusted host is reported without its URL."""
    site.config["TRUSTED_HOSTS"] = ["localhost"]
    with site.test_request_context(headers={"Host": "evil.example"}):
        assert added(make_record()).url == ""


class NoSession(SessionInterface):
    """A session interface whose store is unreachable."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:
        """Fail."""
        raise OSError("the session store is away")


def test_no_session(site: Flask) -> None:
    """A request whose session cannot be opened is reported without a user."""
    handler = Collector()
    handler.addFilter(RequestContextFilter())
    site.logger.addHandler(handler)
    site.session_interface = NoSession()

    site.test_client().get("/", headers={"Cookie": "a=b"})

    assert added(handler.records[0]).user_id == ""
