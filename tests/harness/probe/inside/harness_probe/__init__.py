"""The probe, which runs in the process under test and makes the target fail on demand.

This package supports the same versions as a target: Python 3.8 and Flask 1.1 or newer.
It depends on Flask, Flask-SQLAlchemy, Flask-Login and logging, and knows only the
import name of the target (HARNESS_TARGET).
"""

import os

from harness_probe import network_guard, unprivileged

network_guard.install()
unprivileged.install(os.environ)
if os.environ.get("HARNESS_SANDBOX"):
    from harness_probe import echo, handler_origins, sandbox

    sandbox.install(os.environ)
    handler_origins.install()

from harness_probe.app_loading import load  # noqa: E402
from harness_probe.middleware import install  # noqa: E402

app = load(os.environ["HARNESS_TARGET"])
if os.environ.get("HARNESS_SANDBOX"):
    echo.install()
install(app, os.environ["HARNESS_STATE"])
