"""The command `flask errors-test`: break it and watch."""

import contextlib
import logging
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from .mail_handler import MailHandler
from .request_context import RequestContextFilter, context_of
from .smtp import describe, obstacle

PATH = "/errors-test"


class ErrorsTest(Exception):
    """The error that is raised on purpose."""


class _FirstError(logging.Handler):
    record: logging.LogRecord | None = None

    def emit(self, record: logging.LogRecord) -> None:
        self.record = self.record or record


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
    errors = _FirstError(logging.ERROR)
    errors.addFilter(RequestContextFilter())
    app.logger.addHandler(errors)
    app.add_url_rule(PATH, view_func=_fail)
    page = app.test_client().get(PATH)
    context = context_of(errors.record) if errors.record else None
    if errors.record is None or context is None:
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
            mail.send_now(errors.record)
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
        for number, line in enumerate(path.read_text("utf-8", "replace").split("\n")):
            if f"[ref {reference}]" in line:
                return number + 1
    return None
