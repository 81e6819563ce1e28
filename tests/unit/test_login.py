"""The user of a session, and how often last-seen is written."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask_login import login_user

from app.extensions import db
from app.login import ask_to_sign_in, load_user, update_last_seen
from app.models import User
from tests.harness.plugin.behaviour import behaviour


@behaviour("security.session-of-deleted-user")
@pytest.mark.parametrize(
    "kept",
    [
        *("", "{0.id}", "{0.id}.", "{0.id}.x", "x.y", ".y", " {1}", "+{1}", "{1}.x"),
        *("9" * 30 + ".x", "²{1}", "1abc", "{0.id}abc.x"),
    ],
)
def test_invalid_session(susan: User, kept: str) -> None:
    """A session with an invalid user id is anonymous."""
    assert load_user(susan.get_id()) == susan
    assert load_user(kept.format(susan, susan.get_id())) is None


@behaviour("profile.last-seen-is-cheap")
@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, False), (59, False), (60, True), (61, True)],
    ids=["now", "under-a-minute", "a-minute", "over-a-minute"],
)
def test_last_seen_is_written_once_a_minute(
    susan: User, monkeypatch: pytest.MonkeyPatch, seconds: int, written: bool
) -> None:
    """Last-seen is written at most once a minute."""
    before = susan.last_seen
    moment = before + timedelta(seconds=seconds)
    login_user(susan)
    monkeypatch.setitem(update_last_seen.__globals__, "utc_now", lambda: moment)

    update_last_seen()

    db.session.expire_all()
    assert susan.last_seen == (moment if written else before)


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


@behaviour("security.next-stays-here")
def test_address_to_return_to_is_ascii(app: Flask) -> None:
    """An unquoted query is quoted in the address to return to."""
    with app.test_request_context("/?é ="):
        location = ask_to_sign_in().headers["Location"]

    assert parse_qs(urlsplit(location).query)["next"] == ["/?%C3%A9%20="]
