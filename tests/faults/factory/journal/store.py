"""The stored members."""

from datetime import UTC, datetime

from flask_login import LoginManager, UserMixin
from flask_sqlalchemy import SQLAlchemy
from werkzeug.security import check_password_hash, generate_password_hash

db = SQLAlchemy()
login = LoginManager()
login.login_view = "accounts.login"


class Member(UserMixin, db.Model):
    """A person with an account."""

    __tablename__ = "members"

    number = db.Column(db.Integer, primary_key=True)
    nickname = db.Column(db.String(64), unique=True)
    mail = db.Column(db.String(120), unique=True)
    secret = db.Column(db.String(256))
    bio = db.Column(db.String(140))
    last_seen = db.Column(db.DateTime, default=lambda: datetime.now(UTC))

    def get_id(self):
        """Return the id that the session stores."""
        return str(self.number)

    def keep(self, password):
        """Store a cheap hash of the password, which guards nothing here."""
        self.secret = generate_password_hash(password, "pbkdf2:sha256:1")

    def knows(self, password):
        """Return whether this is the password."""
        return check_password_hash(self.secret, password)


@login.user_loader
def load(number):
    """Return the member of a session."""
    return db.session.get(Member, int(number))


def find(**values):
    """Return the member with these values, or None."""
    return db.session.scalar(db.select(Member).filter_by(**values))
