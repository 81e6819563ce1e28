"""Shows operators where errors go: at each start, and with `flask errors-test`."""

import contextlib
import logging
import os
import signal
import sys
import threading
from logging.handlers import BufferingHandler
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app, request_started
from flask.cli import run_command, with_appcontext

from .mail_handler import MailHandler
from .request_context import RequestContextFilter, context_of
from .rotating_file import open_file
from .smtp import describe, obstacle

PATH = "/errors-test"


def announce(app: Flask) -> None:
    """Log the startup message if this process serves, now or at the first request.

    `flask run` and gunicorn are known to serve. Under any other server the first
    request shows it, and a process that only runs a command logs nothing.
    """
    context = click.get_current_context(silent=True)
    server = os.environ.get("SERVER_SOFTWARE", "")
    if context is not None and context.command is run_command:
        # The reloader's parent loads the application, too, but does not serve it.
        if not context.params["reload"] or "WERKZEUG_RUN_MAIN" in os.environ:
            _exit_on_signals()
            _log_startup(app)
    elif context is None and server.startswith("gunicorn/"):
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


class ErrorsTest(Exception):
    """The error that `flask errors-test` raises."""


@click.command("errors-test")
@with_appcontext
def errors_test() -> None:
    """Raise an error on purpose, and show its page, log record and mail."""
    app, config = current_app, current_app.config
    if app.debug:
        raise click.ClickException("In debug mode nothing is logged or mailed.")
    # The mail is sent below, to show the outcome, and never as an identical error.
    mail = next((h for h in app.logger.handlers if isinstance(h, MailHandler)), None)
    if mail:
        app.logger.removeHandler(mail)
    errors = BufferingHandler(capacity=sys.maxsize)
    errors.setLevel(logging.ERROR)
    errors.addFilter(RequestContextFilter())
    app.logger.addHandler(errors)
    app.add_url_rule(PATH, view_func=_fail)
    page = app.test_client().get(PATH)
    record = errors.buffer[0] if errors.buffer else None
    context = record and context_of(record)
    if not record or not context:
        raise click.ClickException(f"No error was logged: {PATH}: {page.status}.")

    shows = "shows" if context.reference in page.text else "does not show"
    click.echo(f"Page: {page.status}, {shows} the reference {context.reference}")
    path = config["LOG_DIR"] / config["LOG_FILE"]
    line = _line_number(path, context.reference)
    logged = f"{path}, line {line}" if line else f"not written to {path}"
    if config["LOG_TO_STDOUT"]:
        logged = "written to standard output"
    click.echo(f"Log:  {logged}")
    outcome = f"not sent: {obstacle(config)}"
    delivered = mail is None
    if mail:
        try:
            mail.send_now(record)
            outcome = f"sent to {', '.join(config['ADMINS'])} by {describe(config)}"
            delivered = True
        except Exception as error:
            outcome = f"not delivered: {error}"
    click.echo(f"Mail: {outcome}")
    if page.status_code != 500 or not delivered or logged.startswith("not"):
        raise click.exceptions.Exit(1)


def _fail() -> str:
    raise ErrorsTest("raised by flask errors-test")


def _line_number(path: Path, reference: str) -> int | None:
    with contextlib.suppress(OSError):
        text = path.read_text("utf-8", "replace")
        for number, line in enumerate(text.split("\n"), 1):
            if f"[ref {reference}]" in line:
                return number
    return None
