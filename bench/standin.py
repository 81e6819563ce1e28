"""The application, made to write last-seen on each request as the tutorial does.

SQLAlchemy has its default settings, as in the tutorial: a commit expires the user, who
is then loaded again. BENCH_SETTINGS=1 keeps the settings of this project.
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
    """Store last-seen in every request of a user."""
    if current_user.is_authenticated:
        current_user.last_seen = utc_now()
        db.session.commit()
