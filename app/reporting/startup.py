"""The startup message of a process that serves, and its clean end."""

import os
import signal
import sys
import threading
from typing import Any

import click
from flask import Flask, request_started
from flask.cli import run_command

from .rotating_file import open_file
from .smtp import describe, obstacle


def announce(app: Flask) -> None:
    """Log the startup message if this process serves, now or at the first request.

    `flask run` and gunicorn are known to serve. Under any other server the first
    request shows it, and a process that only runs a command logs nothing.
    """
    context = click.get_current_context(silent=True)
    if context is not None and context.command is run_command:
        # The reloader's parent loads the application, too, but does not serve it.
        if not context.params["reload"] or "WERKZEUG_RUN_MAIN" in os.environ:
            _exit_on_signals()
            _log_startup(app)
    elif context is None and os.environ.get("SERVER_SOFTWARE", "").startswith(
        "gunicorn/"
    ):
        _log_startup(app)
    else:

        def first_request(sender: Flask, **_: Any) -> None:
            request_started.disconnect(first_request, app)
            _log_startup(app)

        request_started.connect(first_request, app, weak=False)


def _log_startup(app: Flask) -> None:
    app.logger.info(app.config["STARTUP_MESSAGE"])
    app.logger.info(destinations(app))


def destinations(app: Flask) -> str:
    """Return in one line where errors go, and why they are not logged or mailed."""
    config = app.config
    if app.debug:
        return "Errors are shown here only: in debug mode nothing is logged or mailed"
    path = config["LOG_DIR"] / config["LOG_FILE"]
    log = f"logged to {path}"
    if config["LOG_TO_STDOUT"]:
        log = "logged to standard output"
    else:
        try:
            open_file(path, "a").close()
        except OSError as error:
            log = f"not logged to {path}: {error.strerror}"
    mail = f"mailed to {', '.join(config['ADMINS'])} by {describe(config)}"
    if reason := obstacle(config):
        mail = f"not mailed: {reason}"
    return f"Errors are {log}, and {mail}"


def _exit_on_signals() -> None:
    """Let signals end `flask run` as Ctrl-C does, so that queued mail is sent.

    They are SIGTERM, and SIGHUP of a closed terminal, which Windows does not have. By
    default they end the process at once. gunicorn has its own handlers. With the
    reloader it does not help: its parent kills the process that serves.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    numbers = {signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}

    def end(*_: Any) -> None:
        # Only once: the shell passes SIGHUP on, and then the kernel sends another.
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        sys.exit(0)

    for number in numbers:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, end)
