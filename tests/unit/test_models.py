"""The models of users and posts, and their constraints."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import String
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import IntegrityError
from werkzeug.security import generate_password_hash

from app.extensions import db
from app.models import Post, User, UTCDateTime
from tests.harness.plugin.behaviour import behaviour


def test_password_is_hashed() -> None:
    """A password is stored as a hash that verifies it."""
    user = User(username="susan")
    user.set_password("correct horse battery")

    assert "correct" not in user.password_hash
    assert user.check_password("correct horse battery")
    assert not user.check_password("correct horse batterz")


@behaviour("accounts.login-wrong-password")
@pytest.mark.parametrize(
    "kept", ["$2b$12$x", "$argon2id$x", "sha256$x$x", "scrypt:3:8:1$x$x", "!", ""]
)
def test_invalid_hash(kept: str) -> None:
    """An unknown or missing hash verifies no password."""
    user = User(username="susan", password_hash=kept)

    assert not user.check_password("correct horse battery")


def test_session_is_for_a_password() -> None:
    """The session id of a user changes with id and password."""
    users = [User(id=1, password_hash="a"), User(id=1, password_hash="b")]
    users += [User(id=2, password_hash="a")]

    assert len({user.get_id() for user in users}) == 3
    assert users[0].get_id() == User(id=1, password_hash="a").get_id()
    assert not any(user.get_id().partition(".")[2] == "a" for user in users)


@behaviour("accounts.register")
@pytest.mark.parametrize(
    "method", ["scrypt", "pbkdf2:sha512:1"], ids=["scrypt", "pbkdf2"]
)
def test_longest_hash_fits_its_column(method: str) -> None:
    """The hashes of all of Werkzeug's methods fit the column."""
    [password_hash] = User.password_hash.property.columns

    assert isinstance(password_hash.type, String)
    assert password_hash.type.length is not None
    hashed = generate_password_hash("x" * 128, method)
    assert len(hashed) <= password_hash.type.length


@behaviour("edit-profile.same-name-other-spelling")
def test_user_is_found_in_any_spelling(susan: User) -> None:
    """A user is found by any spelling of the name."""
    assert User.by_name(" SUSAN") == susan


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 65, "a/b"])
@pytest.mark.usefixtures("request_context")
def test_invalid_name_finds_no_user(name: str) -> None:
    """An invalid name finds no user and sends no query."""
    db.session.close()

    assert User.by_name(name) is None
    assert not db.session().in_transaction()


@behaviour("edit-profile.constraint")
@pytest.mark.parametrize("column", ["username", "email"])
def test_constraint(susan: User, column: str) -> None:
    """The database refuses a duplicate name or address."""
    other = User(username="other", email="other@example.com", password_hash="!")
    setattr(other, column, getattr(susan, column))
    db.session.add(other)

    with pytest.raises(IntegrityError):
        db.session.flush()


@behaviour("edit-profile.same-name-other-spelling")
@pytest.mark.parametrize("spelling", ["Susan", "ｓusan"], ids=["capital", "wide"])
def test_constraint_on_spellings(susan: User, spelling: str) -> None:
    """The database refuses another spelling of a stored name."""
    db.session.add(
        User(username=spelling, email="other@example.com", password_hash="!")
    )

    with pytest.raises(IntegrityError, match="username_key"):
        db.session.flush()


@behaviour("data.lengths")
@pytest.mark.parametrize(
    ("column", "length"),
    [("username", 64), ("username_key", 64), ("email", 120), ("about_me", 140)],
)
def test_length_of_a_user(susan: User, column: str, length: int) -> None:
    """The models' schema holds a user's texts up to their maximum length."""
    setattr(susan, column, "é" * length)
    db.session.commit()
    setattr(susan, column, "é" * (length + 1))

    with pytest.raises(IntegrityError, match=f"ck_user_{column}_length"):
        db.session.commit()


@behaviour("data.lengths")
def test_length_of_a_post(susan: User) -> None:
    """The models' schema holds a post of 140 characters, and no longer one."""
    db.session.add(Post(body="é" * 140, user_id=susan.id))
    db.session.commit()
    db.session.add(Post(body="é" * 141, user_id=susan.id))

    with pytest.raises(IntegrityError, match="ck_post_body_length"):
        db.session.commit()


@behaviour("profile.last-seen")
def test_moments_are_aware(susan: User) -> None:
    """Times are stored in UTC and read back timezone-aware."""
    moment = datetime(2026, 11, 22, 12, tzinfo=timezone(timedelta(hours=5)))
    susan.last_seen = moment
    db.session.commit()
    db.session.refresh(susan)

    assert susan.last_seen == moment
    assert susan.last_seen.tzinfo is UTC


@behaviour("profile.last-seen")
@pytest.mark.parametrize("hours", [-8, 0, 5])
def test_moments_are_bound_without_a_zone(hours: int) -> None:
    """The database gets naive UTC: PostgreSQL would convert an aware time."""
    moment = datetime(2026, 11, 22, 12, tzinfo=timezone(timedelta(hours=hours)))

    bound = UTCDateTime().process_bind_param(moment, DefaultDialect())

    assert bound == datetime(2026, 11, 22, 12 - hours)
    assert UTCDateTime().process_bind_param(None, DefaultDialect()) is None


def test_ids_are_not_given_again(susan: User) -> None:
    """The id of a deleted user is not reused."""
    gone = susan.id
    db.session.delete(susan)
    db.session.commit()
    other = User(username="other", email="other@example.com", password_hash="!")
    db.session.add(other)
    db.session.commit()

    assert other.id > gone
