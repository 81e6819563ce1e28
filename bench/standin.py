"""The application, made to write last-seen on each request as the tutorial does.

SQLAlchemy and its connections have their defaults, as there: a commit expires what was
read, so that the user is read again. BENCH_SETTINGS=1 leaves it this project's own.
"""

import os

from flask_login import current_user
from sqlalchemy import event

from app import create_app
from app.database import check_sqlite_file, set_up_sqlite
from app.extensions import db
from app.models import utc_now

KEPT = bool(os.environ.get("BENCH_SETTINGS"))

app = create_app({} if KEPT else {"SQLALCHEMY_ENGINE_OPTIONS": {}})

if not KEPT:
    with app.app_context():
        db.session.configure(expire_on_commit=True)
        event.remove(db.engine, "connect", set_up_sqlite)
        event.remove(db.engine, "checkout", check_sqlite_file)


@app.before_request
def write_last_seen() -> None:
    """As in the tutorial: each request of a user is a write and a commit."""
    if current_user.is_authenticated:
        current_user.last_seen = utc_now()
        db.session.commit()
