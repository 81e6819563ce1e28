"""Keeps other people's code from all that is not the harness's."""

import os
import re
import sys

MAIL_PORTS = (25, 465, 587)

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
#: What changes files and folders, and which of its arguments name them. A database
#: too: SQLite writes beside the ones that it only reads.
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
    """
    Prepare the process for code that nobody here has written.

    A script that runs the server when it is imported does not; the database is the
    harness's, whatever the code says; this machine's mail servers and the folder
    from which the target was copied are out of reach.
    """
    sys.addaudithook(watcher(environ["HARNESS_ORIGINAL"]))
    quiet_run()
    use_database(environ.get("DATABASE_URL"))


def watcher(original):
    """Return the audit hook that refuses mail servers and writing to *original*."""
    folder = os.path.join(os.path.realpath(original), "")

    def watch(event, arguments):
        if event == "socket.connect":
            address = arguments[1]
            if isinstance(address, tuple) and address[1] in MAIL_PORTS:
                raise ConnectionRefusedError(f"the harness keeps mail in: {address!r}")
        for path in changed(event, arguments):
            if os.path.join(os.path.realpath(path), "").startswith(folder):
                raise PermissionError(f"the harness keeps {path} as it is")

    watch.__cantrace__ = True
    return watch


def changed(event, arguments):
    """Return the paths of what is about to be changed."""
    if event == "open":
        named = arguments[:1] if arguments[2] & WRITING else ()
    else:
        named = [arguments[index] for index in CHANGING.get(event, ())]
    # What is open already has a number.
    paths = [os.fsdecode(path) for path in named if not isinstance(path, int)]
    if event == "sqlite3.connect":
        paths = [re.sub(r"^file:(//(?=/))?|\?.*$", "", path) for path in paths]
    return paths


changed.__cantrace__ = True


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
