"""Saying once that a process starts to serve, and ending it in good order."""

import os
import signal
import sys
import threading
from typing import Any

import click
from flask import Flask, request_started
from flask.cli import run_command

MESSAGE = "Microblog startup"


def announce(app: Flask) -> None:
    """Log "Microblog startup" if this process serves, now or at its first request.

    Now under ``flask run`` and gunicorn, which are known to serve; at the first request
    under anything else. A process that only runs a command says nothing.
    """
    context = click.get_current_context(silent=True)
    if context is not None and context.command is run_command:
        if not _will_be_reloaded(context):
            _end_in_good_order()
            app.logger.info(MESSAGE)
    elif context is None and os.environ.get("SERVER_SOFTWARE", "").startswith(
        "gunicorn/"
    ):
        app.logger.info(MESSAGE)
    else:
        _at_first_request(app)


def _will_be_reloaded(context: click.Context) -> bool:
    """Whether this is the reloader's parent, which loads the application in vain."""
    return bool(context.params["reload"]) and "WERKZEUG_RUN_MAIN" not in os.environ


def _at_first_request(app: Flask) -> None:
    def first(sender: Flask, **_: Any) -> None:
        request_started.disconnect(first, app)
        app.logger.info(MESSAGE)

    request_started.connect(first, app, weak=False)


def _end_in_good_order() -> None:
    """Let signals end ``flask run`` as Ctrl-C does, so that waiting mail is sent.

    SIGTERM, and SIGHUP, which comes of a terminal that is closed, but not on Windows:
    by default they end the process on the spot. gunicorn has handlers of its own that
    end it in good order. Under the reloader nothing helps: told to end, its parent
    kills the process that serves (subprocess.call does so, at once on SIGTERM, after a
    quarter of a second on Ctrl-C).
    """
    if threading.current_thread() is not threading.main_thread():
        return
    numbers = {signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}

    def end(*_: Any) -> None:
        # Once: a shell hands SIGHUP down, and as that ends the kernel sends another.
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        sys.exit(0)

    for number in numbers:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, end)
