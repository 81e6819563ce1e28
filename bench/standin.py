"""The application, made to write last-seen on each request as the tutorial does.

Also SQLAlchemy and its connections are as they come, as there: a commit forgets what
was read, so that the user is read again. The journal is a matter of the file (see
`bench.throughput`). BENCH_SETTINGS=1 leaves it this project's settings instead.
"""

import os

from flask_login import current_user
from sqlalchemy import event

from app import create_app
from app.extensions import db
from app.models import now
from app.sqlite import check, prepare

KEPT = bool(os.environ.get("BENCH_SETTINGS"))

app = create_app({} if KEPT else {"SQLALCHEMY_ENGINE_OPTIONS": {}})

if not KEPT:
    with app.app_context():
        db.session.configure(expire_on_commit=True)
        event.remove(db.engine, "connect", prepare)
        event.remove(db.engine, "checkout", check)


@app.before_request
def write_last_seen() -> None:
    """As in the tutorial: each request of a user is a write and a commit."""
    if current_user.is_authenticated:
        current_user.last_seen = now()
        db.session.commit()
