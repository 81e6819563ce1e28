"""The stored users."""

from datetime import UTC, datetime

from flask_login import UserMixin
from werkzeug.security import check_password_hash, generate_password_hash

from app import db, login

#: A stand-in's passwords guard nothing, and scrypt takes a tenth of a second.
CHEAP = "pbkdf2:sha256:1"


class User(UserMixin, db.Model):
    """A person with an account."""

    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(64), unique=True, index=True)
    email = db.Column(db.String(120), unique=True, index=True)
    password_hash = db.Column(db.String(256))
    about_me = db.Column(db.String(140))
    last_seen = db.Column(db.DateTime, default=lambda: datetime.now(UTC))

    def set_password(self, password):
        """Store a hash of the password."""
        self.password_hash = generate_password_hash(password, CHEAP)

    def check_password(self, password):
        """Return whether this is the password."""
        return check_password_hash(self.password_hash, password)


@login.user_loader
def load_user(identity):
    """Return the user of a session."""
    return db.session.get(User, int(identity))


def named(username):
    """Return the user of that name, or None."""
    return db.session.scalar(db.select(User).where(User.username == username))
