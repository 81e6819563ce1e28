"""How often it is written that somebody was seen."""

from datetime import timedelta

import pytest
from flask_login import login_user

from app.extensions import db
from app.models import User
from app.sessions import see
from tests.harness.behaviour import SHOULD, behaviour


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
