"""Restricts other implementations to the harness's database and copies."""

import os
import re
import socket
import sys

ADMINISTRATOR = "another@example.com"

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
#: The audit events that change files and folders, and the indices of their paths.
#: Connecting to SQLite is one, as it writes files next to databases that it only reads.
CHANGING = {
    "os.chmod": (0,),
    "os.chown": (0,),
    "os.link": (0, 1),
    "os.mkdir": (0,),
    "os.remove": (0,),
    "os.removexattr": (0,),
    "os.rename": (0, 1),
    "os.rmdir": (0,),
    "os.setxattr": (0,),
    "os.symlink": (1,),
    "os.truncate": (0,),
    "os.utime": (0,),
    "shutil.rmtree": (0,),
    "sqlite3.connect": (0,),
}


def install(environ):
    """Prepare the process for the code of another implementation.

    Importing it starts no server, and it uses the harness's database in spite of its
    configuration, mails errors to several administrators, and cannot change the folder
    that the target was copied from.
    """
    sys.addaudithook(audit_hook(environ["HARNESS_ORIGINAL"]))
    disable_run()
    report_port(os.path.join(environ["HARNESS_STATE"], "port.txt"))
    add_administrator()
    use_database(environ.get("DATABASE_URL"))


def audit_hook(original):
    """Return an audit hook that refuses changes below *original*."""
    folder = os.path.join(os.path.realpath(original), "")

    def check(event, arguments):
        for path in changed(event, arguments):
            if os.path.join(os.path.realpath(path), "").startswith(folder):
                raise PermissionError(f"the harness does not allow changing {path}")

    check.__cantrace__ = True
    return check


def changed(event, arguments):
    """Return the paths that are about to be changed."""
    if event == "open":
        given = arguments[:1] if arguments[2] & WRITING else ()
    else:
        given = [arguments[index] for index in CHANGING.get(event, ())]
    # Files that are open already are given by number.
    paths = [os.fsdecode(path) for path in given if not isinstance(path, int)]
    if event == "sqlite3.connect":
        paths = [re.sub(r"^file:(//(?=/))?|\?.*$", "", path) for path in paths]
    return paths


changed.__cantrace__ = True


def disable_run():
    """Disable ``app.run()``, as the harness starts the server."""
    from flask import Flask

    Flask.run = lambda app, *arguments, **options: None


def report_port(path):
    """Write the port that the server listens on to a file."""
    plain = socket.socket.listen

    def listen(listener, *arguments):
        plain(listener, *arguments)
        if listener.family == socket.AF_INET:
            with open(path + ".new", "w") as file:
                file.write(str(listener.getsockname()[1]))
            os.replace(path + ".new", path)

    socket.socket.listen = listen


def add_administrator():
    """Append a second administrator to a list with a single one.

    This shows whether a target mails only the first one.
    """
    from flask import Config

    def set_item(config, key, value):
        if key == "ADMINS" and isinstance(value, list) and len(value) == 1:
            value.append(
                ADMINISTRATOR
            )  # in place, as other code may have read the list
        dict.__setitem__(config, key, value)

    Config.__setitem__ = set_item


def use_database(url):
    """Make Flask-SQLAlchemy connect to *url* and nothing else."""
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
        if url:  # Flask-SQLAlchemy 2 reads it only when it connects
            app.config["SQLALCHEMY_DATABASE_URI"] = url

    SQLAlchemy.init_app = init_app
