"""The addresses under /__probe__/ by which the harness controls the application."""

import builtins
import json
import logging
import os
import traceback

from flask import abort, request

from harness_probe import (
    database,
    failing_parts,
    file_faults,
    inspection,
    signals,
    statements,
    update_refusal,
)
from harness_probe.front import Front
from harness_probe.journal import Journal
from harness_probe.state import State

CONTROL = "/__probe__/control"


def install(app, folder):
    """Add the probe to *app*; *folder* is shared with the harness."""
    state = State(folder)
    statements.install(state)
    journal = None
    if "HARNESS_SANDBOX" in os.environ:  # pragma: no cover - measured only in ours
        journal = Journal(app, state.path("journal.jsonl"))
    else:
        file_faults.install(app, state)
    methods = ["GET", "POST"]
    app.add_url_rule("/__probe__/raise/<number>", "probe_raise", fail, methods=methods)
    app.add_url_rule("/__probe__/abort/<int:status>", "probe_abort", refuse)
    failing_parts.install(app)
    app.wsgi_app = Middleware(app, state, journal)


def fail(number):
    """Raise the exception that the query names, in a view of the target."""
    kind = getattr(builtins, request.args.get("type", "RuntimeError"))
    raise kind(request.args.get("message", "raised by the harness"))


def refuse(status):
    """End the request by ``abort(status, ...)``, in a view of the target."""
    abort(status, **request.args.to_dict())


class Middleware:
    """WSGI middleware that answers the harness before the application does.

    In front of Flask, the harness's requests do not reach the target's request hooks,
    its CSRF protection, or the count of its statements.
    """

    def __init__(self, app, state, journal=None):
        self.app = app
        self.wsgi_app = app.wsgi_app
        if journal is not None:  # pragma: no cover - measured only in ours
            self.wsgi_app = journal.around(self.wsgi_app)
            if os.environ.get("HARNESS_FRONT"):
                self.wsgi_app = Front(self.wsgi_app, os.environ["HARNESS_FRONT"])
        self.state = state

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == CONTROL:
            return self.control(environ, start_response)
        statements.begin(self.state, "{REQUEST_METHOD} {PATH_INFO}".format(**environ))
        try:
            return self.wsgi_app(environ, start_response)
        finally:
            statements.end(self.state)

    def control(self, environ, start_response):
        """Run an action and send its result as JSON."""
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        try:
            command = json.loads(body.decode("utf-8"))
            with self.app.app_context():
                result = getattr(self, "do_" + command["action"])(**command["with"])
            status, answer = "200 OK", {"result": result}
        except Exception:
            status, answer = "500 Failed", {"error": traceback.format_exc()}
        data = json.dumps(answer).encode("utf-8")
        headers = [("Content-Type", "application/json")]
        start_response(status, [*headers, ("Content-Length", str(len(data)))])
        return [data]

    def do_ready(self):
        """Return the id of this process."""
        return os.getpid()

    def do_log(self, level, message, count):
        """Log *count* records, with %d in the message as their number."""
        number = logging.getLevelName(level)
        for index in range(count):
            text = message.replace("%d", str(index))
            self.app.logger.log(number, text)

    def do_sql(self, statement):
        """Run a statement on the target's engine."""
        return database.execute(self.app, statement)

    def do_tables(self):
        """Return the tables and their columns."""
        return database.tables(self.app)

    def do_dialect(self):
        """Return the name of the database's dialect."""
        return database.dialect(self.app)

    def do_snapshot(self):
        """Save everything that is stored."""
        database.snapshot(self.app, self.state.path("snapshot"))

    def do_restore(self):
        """Restore what was saved, and allow updates again."""
        database.restore(self.app, self.state.path("snapshot"))
        update_refusal.allow_updates(self.app)

    def do_refuse_updates(self, table, columns):
        """Make the database abort updates."""
        update_refusal.refuse_updates(self.app, table, columns)

    def do_allow_updates(self):
        """Make the database accept updates again."""
        update_refusal.allow_updates(self.app)

    def do_handlers(self):
        """Return the logging handlers."""
        return inspection.handlers(self.app)

    def do_other_handlers(self):
        """Return the logging handlers that the application's records do not reach."""
        return inspection.other_handlers(self.app)

    def do_error_handlers(self):
        """Return the registered error handlers."""
        return inspection.error_handlers(self.app)

    def do_imported(self):
        """Return the paths of the imported modules."""
        return inspection.imported()

    def do_routes(self):
        """Return the routes."""
        return inspection.routes(self.app)

    def do_versions(self):
        """Return the versions."""
        return inspection.versions()

    def do_packages(self):
        """Return the versions of all installed distributions."""
        return inspection.packages()

    def do_settings(self):
        """Return the settings."""
        return inspection.settings(self.app)

    def do_configure(self, settings):
        """Change settings of the running application."""
        self.app.config.update(settings)

    def do_signals(self):
        """Return the exceptions that Flask has signalled since the previous call."""
        return signals.signalled(self.app)
