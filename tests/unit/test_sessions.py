"""Whose session it is, and how often it is written that he was seen."""

from datetime import timedelta

import pytest
from flask_login import login_user

from app.extensions import db
from app.models import User
from app.sessions import load_user, see
from tests.harness.plugin.behaviour import SHOULD, behaviour


@behaviour("security.session-of-nobody", SHOULD)
@pytest.mark.parametrize(
    "kept",
    [
        *("", "{0.id}", "{0.id}.", "{0.id}.x", "x.y", ".y", " {1}", "+{1}", "{1}.x"),
        *("9" * 30 + ".x", "²{1}"),
    ],
)
def test_session_of_nobody(susan: User, kept: str) -> None:
    """What a session of this application does not keep is nobody's session."""
    assert load_user(susan.get_id()) == susan
    assert load_user(kept.format(susan, susan.get_id())) is None


@behaviour("profile.last-seen-is-cheap", SHOULD)
@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, False), (59, False), (60, True), (61, True)],
    ids=["now", "under-a-minute", "a-minute", "over-a-minute"],
)
def test_last_seen_is_written_once_a_minute(
    susan: User, monkeypatch: pytest.MonkeyPatch, seconds: int, written: bool
) -> None:
    """When a user was last seen is written again after a minute, and not before."""
    before = susan.last_seen
    moment = before + timedelta(seconds=seconds)
    login_user(susan)
    monkeypatch.setitem(see.__globals__, "now", lambda: moment)

    see()

    db.session.expire_all()
    assert susan.last_seen == (moment if written else before)
