"""The user of a session, and how often last-seen is written."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, g, get_flashed_messages, session
from flask_login import login_user
from sqlalchemy import event, inspect, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError

from app.extensions import db, login
from app.login import Viewer, add_viewer, ask_to_sign_in, load_user, update_last_seen
from app.models import User
from tests.harness.plugin.behaviour import behaviour


@contextmanager
def statements_of(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that an application sends to its database."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """The statements that are sent to the application's database."""
    with statements_of(app) as sent:
        yield sent


@behaviour("security.session-of-deleted-user")
@pytest.mark.parametrize(
    "kept",
    [
        *("", "{0.id}", "{0.id}.", "{0.id}.x", "x.y", ".y", " {1}", "+{1}", "{1}.x"),
        *("9" * 30 + ".x", "²{1}", "1abc", "{0.id}abc.x", "2147483647.x"),
    ],
)
def test_invalid_session(susan: User, kept: str) -> None:
    """A session with an invalid user id is anonymous."""
    assert load_user(susan.get_id()) == susan
    assert load_user(kept.format(susan, susan.get_id())) is None


@behaviour("security.anonymous-never-5xx")
@pytest.mark.usefixtures("request_context")
def test_id_beyond_the_column(statements: list[str]) -> None:
    """An id that no column holds is not looked up: PostgreSQL would fail."""
    assert load_user("2147483648.x") is None
    assert statements == []

    assert load_user("2147483647.x") is None
    assert len(statements) == 1


@behaviour("errors.page-without-database")
def test_viewer_without_database(own_app: Flask) -> None:
    """After a failed query for the user, the page has no name and asks for none."""
    with own_app.test_request_context():
        db.drop_all()
        with pytest.raises(OperationalError):
            load_user("1.x")
        db.session.rollback()
        session["_user_id"] = "1.x"

        with statements_of(own_app) as sent:
            assert add_viewer() == {"viewer": Viewer(None)}
        assert sent == []


@behaviour("errors.page-without-database")
def test_viewer_when_the_database_goes(own_app: Flask) -> None:
    """A user who cannot be read again has no name, and the session stays usable."""
    with own_app.test_request_context():
        user = User(username="susan", email="susan@example.com", password_hash="!")
        db.session.add(user)
        db.session.commit()
        login_user(user)
        assert add_viewer() == {"viewer": Viewer("susan")}
        db.drop_all()
        db.session.expire(user)

        assert add_viewer() == {"viewer": Viewer(None)}
        assert not db.session().in_transaction()
        assert "user_unknown" not in g


@pytest.mark.usefixtures("request_context")
def test_anonymous_viewer() -> None:
    """An anonymous visitor is no viewer."""
    assert add_viewer() == {"viewer": None}


@behaviour("security.session-of-deleted-user")
@pytest.mark.parametrize("kind", [ObjectDeletedError, StaleDataError])
def test_account_deleted_meanwhile(app: Flask, susan: User, kind: type) -> None:
    """A request whose account is deleted while it is processed leads to sign-in."""
    error = kind(inspect(susan)) if kind is ObjectDeletedError else kind()
    db.session.connection()

    response = app.make_response(app.handle_user_exception(error))

    assert response.headers["Location"] == "/login?next=/"
    assert not db.session().in_transaction()


@behaviour("profile.last-seen-is-cheap")
@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, False), (59, False), (60, True), (61, True)],
    ids=["now", "under-a-minute", "a-minute", "over-a-minute"],
)
def test_last_seen_is_written_once_a_minute(
    susan: User,
    statements: list[str],
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
    written: bool,
) -> None:
    """Last-seen is written at most once a minute."""
    before = susan.last_seen
    moment = before + timedelta(seconds=seconds)
    login_user(susan)
    monkeypatch.setitem(update_last_seen.__globals__, "utc_now", lambda: moment)

    statements.clear()
    update_last_seen()

    assert any("UPDATE" in one for one in statements) == written
    db.session.rollback()
    db.session.expire_all()
    assert susan.last_seen == (moment if written else before)


@behaviour("profile.last-seen-is-cheap")
def test_last_seen_of_a_simultaneous_request(
    susan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A last-seen that another request has just stored is not written again."""
    before = susan.last_seen
    stored = before + timedelta(seconds=100)
    db.session.execute(update(User).values(last_seen=stored))
    db.session.commit()
    login_user(susan)
    set_committed_value(susan, "last_seen", before)
    monkeypatch.setitem(
        update_last_seen.__globals__, "utc_now", lambda: stored + timedelta(seconds=9)
    )

    update_last_seen()

    db.session.rollback()
    db.session.expire_all()
    assert susan.last_seen == stored


@behaviour("profile.last-seen-is-cheap")
@pytest.mark.parametrize("path", ["/static/style.css", "/nope"])
def test_last_seen_on_no_page(
    own_app: Flask, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """A static file and an unknown address write no last-seen; a page does."""
    with own_app.test_request_context():
        user = User(username="susan", email="susan@example.com", password_hash="!")
        db.session.add(user)
        db.session.commit()
        before, identity = user.last_seen, user.get_id()
    moment = before + timedelta(minutes=2)
    monkeypatch.setitem(update_last_seen.__globals__, "utc_now", lambda: moment)
    browser = own_app.test_client()
    with browser.session_transaction() as kept:
        kept["_user_id"] = identity

    found = []
    for address in (path, "/login"):
        browser.get(address).close()
        with own_app.app_context():
            found.append(db.session.scalars(db.select(User.last_seen)).one())

    assert found == [before, moment]


@behaviour("security.anonymous-never-5xx")
@pytest.mark.usefixtures("request_context")
def test_last_seen_of_nobody(statements: list[str]) -> None:
    """An anonymous visitor to a page has no last-seen."""
    update_last_seen()

    assert statements == []


@behaviour("profile.last-seen-is-cheap")
def test_last_seen_while_the_database_is_locked(
    susan: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A lock costs a reader 0.1 s and leaves a warning, not an error."""
    before = susan.last_seen
    moment = before + timedelta(minutes=2)
    login_user(susan)
    monkeypatch.setitem(update_last_seen.__globals__, "utc_now", lambda: moment)
    with closing(sqlite3.connect(str(db.engine.url.database))) as writer:
        writer.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()

        update_last_seen()

        assert time.monotonic() - begun < 2
        assert not db.session().in_transaction()
    [record] = caplog.records
    assert record.getMessage().startswith("last_seen was not updated: ")
    assert "database is locked" in record.getMessage()


@behaviour("accounts.login-required")
@pytest.mark.parametrize("script", ["", "/blog"])
@pytest.mark.parametrize(
    "path",
    [
        *("/", "/user/susan", "/user/a%252Fb", "/user/a%5Cb", "/user/%D0%90"),
        *("/?before=3", "/?next=%2Fuser%2Fa%252541", "/?%FF=%"),
    ],
)
def test_address_to_return_to(app: Flask, script: str, path: str) -> None:
    """The sign-in page gets the requested address, with its quoting."""
    base = f"http://localhost{script}"
    with app.test_request_context(path, base_url=base):
        location = ask_to_sign_in().headers["Location"]

    assert parse_qs(urlsplit(location).query)["next"] == [f"{script}{path}"]


@behaviour("accounts.login-required")
def test_who_is_asked_to_sign_in(app: Flask) -> None:
    """A protected page sends an anonymous visitor to sign in, with a message."""
    with app.test_client() as browser:
        response = browser.get("/")

        assert response.headers["Location"] == "/login?next=/"
        assert get_flashed_messages() == [login.login_message]


@behaviour("security.next-stays-here")
def test_address_to_return_to_is_ascii(app: Flask) -> None:
    """An unquoted query is quoted in the address to return to."""
    with app.test_request_context("/?é ="):
        location = ask_to_sign_in().headers["Location"]

    assert parse_qs(urlsplit(location).query)["next"] == ["/?%C3%A9%20="]
