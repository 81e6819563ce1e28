"""The application, made to write last-seen on each request as the tutorial does.

BENCH_PRAGMAS=1 leaves it this project's SQLite settings; without them SQLite is as it
comes, as in the tutorial.
"""

import os

from flask_login import current_user
from sqlalchemy import event

from app import create_app
from app.extensions import db
from app.models import now
from app.sqlite import prepare

app = create_app()

if not os.environ.get("BENCH_PRAGMAS"):
    with app.app_context():
        event.remove(db.engine, "connect", prepare)
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
        db.engine.dispose()


@app.before_request
def write_last_seen() -> None:
    """As in the tutorial: each request of a user is a write and a commit."""
    if current_user.is_authenticated:
        current_user.last_seen = now()
        db.session.commit()
