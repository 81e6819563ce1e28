"""The stored models: users and posts."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from flask_login import UserMixin
from sqlalchemy import (
    CheckConstraint,
    Connection,
    DateTime,
    ForeignKey,
    Index,
    String,
    TypeDecorator,
    event,
    inspect,
    select,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship, validates
from sqlalchemy.orm.attributes import flag_modified
from werkzeug.security import check_password_hash, generate_password_hash

from .extensions import db
from .usernames import USERNAME_LENGTH, is_username, username_key

EMAIL_LENGTH = 120  # characters
TEXT_LENGTH = 140  # characters of a post and of an about-me
MAX_ID = 2**31 - 1  # the largest value of an INTEGER column in PostgreSQL


def utc_now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


def max_length(length: int, *columns: str) -> Iterator[CheckConstraint]:
    """Yield a length constraint per column: SQLite ignores the length of a String."""
    for column in columns:
        limit = f"length({column}) <= {length}"
        yield CheckConstraint(limit, name=f"{column}_length")


class UTCDateTime(TypeDecorator[datetime]):
    """An aware time, stored in UTC: SQLite has no time zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Convert an aware time, in any zone, to naive UTC."""
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Convert naive UTC to an aware time."""
        return value and value.replace(tzinfo=UTC)


class User(UserMixin, db.Model):  # type: ignore[name-defined]
    """A user, known to others by the username, who signs in with a password."""

    __table_args__ = (
        *max_length(USERNAME_LENGTH, "username", "username_key"),
        *max_length(EMAIL_LENGTH, "email"),
        *max_length(TEXT_LENGTH, "about_me"),
        # Ids are never reused: a session of a deleted user stays invalid.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(USERNAME_LENGTH))
    username_key: Mapped[str] = mapped_column(String(USERNAME_LENGTH), unique=True)
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH), unique=True)
    password_hash: Mapped[str] = mapped_column(String(256))
    about_me: Mapped[str | None] = mapped_column(String(TEXT_LENGTH))
    last_seen: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    posts: Mapped[list["Post"]] = relationship(back_populates="author")

    @validates("username")
    def _set_key(self, _attribute: str, username: str) -> str:
        self.username_key = username_key(username)
        return username

    @classmethod
    def by_name(cls, username: str) -> "User | None":
        """Return the user of a name, in any spelling, or None."""
        if not is_username(username):
            return None
        return db.session.scalar(
            select(cls).filter_by(username_key=username_key(username))
        )

    def get_id(self) -> str:
        """Return what a session stores of its user: the id and a digest of the hash.

        A new password ends earlier sessions, and an id that a restored backup gives to
        another account does not open that account.
        """
        digest = hashlib.sha256(self.password_hash.encode()).hexdigest()[:16]
        return f"{self.id}.{digest}"

    def set_password(self, password: str) -> None:
        """Store the hash of a password."""
        self.password_hash = generate_password_hash(password)

    def check_password(self, password: str) -> bool:
        """Return whether this is the password; False for hashes of unknown methods."""
        try:
            return check_password_hash(self.password_hash, password)
        except ValueError:
            return False


@event.listens_for(User, "before_update")
def write_key_with_username(
    _mapper: Mapper[User], _connection: Connection, user: User
) -> None:
    """Write the key whenever the username is written, even if it seems unchanged.

    A concurrent request of the same user may have stored another name and key.
    """
    if inspect(user).attrs.username.history.has_changes():
        flag_modified(user, "username_key")


class Post(db.Model):  # type: ignore[name-defined]
    """A text of at most 140 characters; later posts have higher ids."""

    __table_args__ = (
        Index("ix_post_user_id_id", "user_id", "id"),
        *max_length(TEXT_LENGTH, "body"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    timestamp: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    author: Mapped[User] = relationship(back_populates="posts")
