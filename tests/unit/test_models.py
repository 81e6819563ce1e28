"""The models of users and posts, and their constraints."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import String, text, update
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


def test_session_outlasts_an_upgrade() -> None:
    """The session id of a user is the same in all releases."""
    assert User(id=1, password_hash="a").get_id() == "1.ca978112ca1bbdca"


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
    kind = User.metadata.tables["user"].c[column].type
    assert isinstance(kind, String)
    assert kind.length == length
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


@behaviour("posts.write")
def test_post_of_an_author(susan: User) -> None:
    """A post belongs to its author at once, and its time is timezone-aware."""
    assert susan.posts == []
    post = Post(body="Hello", author=susan)
    db.session.add(post)
    other = Post(body="Hello again")
    susan.posts.append(other)
    assert susan.posts == [post, other]
    assert other.author is susan
    db.session.commit()
    db.session.refresh(post)

    assert post.user_id == susan.id
    assert post.timestamp.tzinfo is UTC


@behaviour("posts.page-cost-flat")
@pytest.mark.usefixtures("request_context")
def test_index_of_a_profile() -> None:
    """A page of an author's posts is read from an index."""
    plan = db.session.execute(
        text("EXPLAIN QUERY PLAN SELECT id FROM post WHERE user_id = 1 AND id < 9")
    ).one()

    assert str(plan.detail).endswith("ix_post_user_id_id (user_id=? AND id<?)")


@behaviour("profile.last-seen")
@pytest.mark.parametrize("hours", [-8, 0, 5])
def test_moments_are_bound_without_a_zone(hours: int) -> None:
    """The database gets naive UTC: PostgreSQL would convert an aware time."""
    moment = datetime(2026, 11, 22, 12, tzinfo=timezone(timedelta(hours=hours)))

    bound = UTCDateTime().process_bind_param(moment, DefaultDialect())

    assert bound == datetime(2026, 11, 22, 12 - hours)


def test_missing_moments() -> None:
    """A missing time is stored and read as such."""
    assert UTCDateTime().process_bind_param(None, DefaultDialect()) is None
    assert UTCDateTime().process_result_value(None, DefaultDialect()) is None


@behaviour("edit-profile.race")
@pytest.mark.parametrize(
    ("change", "key"),
    [({"username": "Susan"}, "susan"), ({"about_me": "Hello"}, "other")],
    ids=["name", "about-me"],
)
def test_key_after_a_simultaneous_rename(
    susan: User, change: dict[str, str], key: str
) -> None:
    """The stored key is that of the stored name, whichever request wrote the name."""
    db.session.execute(
        update(User).values(username="other", username_key="other"),
        execution_options={"synchronize_session": False},
    )
    for name, value in change.items():
        setattr(susan, name, value)
    db.session.commit()
    db.session.refresh(susan)

    assert susan.username_key == key
    assert susan.username.lower() == key


def test_ids_are_not_given_again(susan: User) -> None:
    """The id of a deleted user is not reused."""
    gone = susan.id
    db.session.delete(susan)
    db.session.commit()
    other = User(username="other", email="other@example.com", password_hash="!")
    db.session.add(other)
    db.session.commit()

    assert other.id > gone


def test_ids_of_posts_are_not_given_again(susan: User) -> None:
    """The id of a deleted post is not reused: a page begins after an id."""
    ids = []
    for _ in range(2):
        post = Post(body="Hello", user_id=susan.id)
        db.session.add(post)
        db.session.commit()
        ids.append(post.id)
        db.session.delete(post)
        db.session.commit()

    assert ids[1] > ids[0]
