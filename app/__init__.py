"""A small microblog whose error handling is meant to be copied."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from . import (
    accounts,
    commands,
    config,
    errors,
    incoming,
    pictures,
    postgres,
    posts,
    reporting,
    security,
    sessions,
    sqlite,
)
from .extensions import csrf, db, login, migrate
from .secret import secret_key


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """The application, ready to serve.

    A setting of the environment that cannot work ends the process with one line on
    stderr. ``overrides`` are configuration keys that win over these, for tests and
    programs: they are values, as `config.load` gives them, and are not checked.
    """
    try:
        return make_app(overrides or {})
    except config.ConfigError as error:
        print(error, file=sys.stderr)
        raise


def make_app(overrides: Mapping[str, Any]) -> Flask:
    """What the application is made of."""
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_mapping(config.load(root=app.root_path))
    app.config.from_mapping(overrides)
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or secret_key(app.instance_path)

    reporting.install(app)
    incoming.install(app)
    security.install(app)

    db.init_app(app)
    with app.app_context():
        sqlite.prepare_connections(db.engine)
        postgres.prepare_connections(db.engine)
    migrations = Path(app.root_path).parent / "migrations"
    migrate.init_app(app, db, str(migrations), render_as_batch=True)
    # Its context processor would ask the database for every page, an error's too.
    login.init_app(app, add_context_processor=False)
    csrf.init_app(app)
    sessions.install(app)

    app.register_blueprint(errors.bp)
    app.register_blueprint(accounts.bp)
    app.register_blueprint(posts.bp)
    app.register_blueprint(commands.bp)
    app.register_blueprint(pictures.bp)
    return app
