"""What is stored: users and their posts."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

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
from .names import NAME_LENGTH, TEXT_LENGTH, is_name, name_key

EMAIL_LENGTH = 120
MAX_KEY = 2**31 - 1  # the largest id that a column holds

if TYPE_CHECKING:  # db.Model is a subclass of Base that is made at run time
    from .extensions import Base as Model
else:
    Model = db.Model


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def at_most(length: int, *columns: str) -> Iterator[CheckConstraint]:
    """Limits for SQLite, which does not look at the lengths of its columns."""
    for column in columns:
        limit = f"length({column}) <= {length}"
        yield CheckConstraint(limit, name=f"{column}_length")


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC: SQLite keeps no time zones."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """From aware, in any zone, to naive UTC."""
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """From naive UTC to aware."""
        return value and value.replace(tzinfo=UTC)


class User(UserMixin, Model):
    """Somebody who writes here; known by the name, signed in by the password."""

    __table_args__ = (
        *at_most(NAME_LENGTH, "username", "username_key"),
        *at_most(EMAIL_LENGTH, "email"),
        *at_most(TEXT_LENGTH, "about_me"),
        # An id is never given again: a session of a deleted user stays nobody's.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(NAME_LENGTH))
    username_key: Mapped[str] = mapped_column(String(NAME_LENGTH), unique=True)
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH), unique=True)
    password_hash: Mapped[str] = mapped_column(String(256))
    about_me: Mapped[str | None] = mapped_column(String(TEXT_LENGTH))
    last_seen: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    posts: Mapped[list["Post"]] = relationship(back_populates="author")

    @validates("username")
    def _keep_key(self, _attribute: str, name: str) -> str:
        self.username_key = name_key(name)
        return name

    @classmethod
    def named(cls, name: str) -> "User | None":
        """The user of this name, in any of its spellings; None if there is none."""
        if not is_name(name):
            return None
        return db.session.scalar(select(cls).filter_by(username_key=name_key(name)))

    def get_id(self) -> str:
        """What a session keeps of its user: the key, and a mark of the password.

        The key alone would be somebody else's where a backup was restored, which gives
        it again. With another password earlier sessions end.
        """
        mark = hashlib.sha256(self.password_hash.encode()).hexdigest()[:16]
        return f"{self.id}.{mark}"

    def set_password(self, password: str) -> None:
        """Keep the password's hash."""
        self.password_hash = generate_password_hash(password)

    def check_password(self, password: str) -> bool:
        """Whether it is the password; no password has a hash of another program."""
        try:
            return check_password_hash(self.password_hash, password)
        except ValueError:
            return False


@event.listens_for(User, "before_update")
def write_whole_name(
    _mapper: Mapper[User], _connection: Connection, user: User
) -> None:
    """Write the key with a new spelling, though it is the one that was read.

    Another browser of the same user may have stored another name, and its key, by now.
    """
    if inspect(user).attrs.username.history.has_changes():
        flag_modified(user, "username_key")


class Post(Model):
    """A text of at most 140 characters. Later posts have higher ids."""

    __table_args__ = (
        Index("ix_post_user_id_id", "user_id", "id"),
        *at_most(TEXT_LENGTH, "body"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str] = mapped_column(String(TEXT_LENGTH))
    timestamp: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    author: Mapped[User] = relationship(back_populates="posts")
