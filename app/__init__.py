"""A small microblog whose error handling is meant to be copied."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask

from . import (
    accounts,
    avatars,
    commands,
    config,
    database,
    errors,
    login,
    posts,
    reporting,
    secret_key,
    security,
)
from .extensions import csrf, db, migrate


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Create the application, ready to serve.

    A setting that cannot work ends the process with one line on stderr.

    Args:
        overrides: Values of app.config that replace those of the environment, for tests
            and scripts. They are not checked.
    """
    try:
        return build_app(overrides or {})
    except config.ConfigError as error:
        print(error, file=sys.stderr)
        raise


def build_app(overrides: Mapping[str, Any]) -> Flask:
    """Put the application together."""
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_mapping(config.load())
    app.config.from_mapping(overrides)
    if not app.config["SECRET_KEY"]:
        app.config["SECRET_KEY"] = secret_key.load_or_create(app.instance_path)

    reporting.install(app)
    security.init_app(app)
    database.init_app(app)
    migrations = Path(app.root_path).parent / "migrations"
    migrate.init_app(app, db, str(migrations), render_as_batch=True)
    csrf.init_app(app)
    login.init_app(app)

    for module in (errors, accounts, posts, avatars, commands):
        app.register_blueprint(module.bp)
    return app
