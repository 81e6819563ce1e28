"""Keeps other people's code from all that is not the harness's."""

import os
import sys

MAIL_PORTS = (25, 465, 587)


def install(environ):
    """
    Prepare the process for code that nobody here has written.

    A script that runs the server when it is imported does not; the database is the
    harness's, whatever the code says; this machine's mail servers and the folder
    from which the target was copied are out of reach.
    """
    sys.addaudithook(watcher(os.path.join(environ["HARNESS_ORIGINAL"], "")))
    quiet_run()
    use_database(environ.get("DATABASE_URL"))


def watcher(original):
    """Return the audit hook that refuses mail servers and writing to *original*."""

    def watch(event, arguments):
        if event == "socket.connect":
            address = arguments[1]
            if isinstance(address, tuple) and address[1] in MAIL_PORTS:
                raise ConnectionRefusedError(f"the harness keeps mail in: {address!r}")
        elif event == "open":
            path, mode = arguments[0], arguments[1] or ""
            writes = isinstance(path, str) and set(mode) & set("wax+")
            if writes and os.path.abspath(path).startswith(original):
                raise PermissionError(f"the harness keeps {path} as it is")

    watch.__cantrace__ = True
    return watch


def quiet_run():
    """Let ``app.run()`` do nothing: the harness serves."""
    from flask import Flask

    Flask.run = lambda app, *arguments, **options: None


def use_database(url):
    """Let Flask-SQLAlchemy connect to *url*, and to nothing else."""
    try:
        from flask_sqlalchemy import SQLAlchemy
    except ImportError:
        return
    plain = SQLAlchemy.init_app

    def init_app(self, app):
        if url:
            app.config["SQLALCHEMY_DATABASE_URI"] = url
            app.config.pop("SQLALCHEMY_ENGINE_OPTIONS", None)
        plain(self, app)
        if url:  # version 2 connects later, by what stands there then
            app.config["SQLALCHEMY_DATABASE_URI"] = url

    SQLAlchemy.init_app = init_app
