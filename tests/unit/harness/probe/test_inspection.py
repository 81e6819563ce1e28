"""The probe's inspection of an application."""

import logging
from collections.abc import Callable, Iterator
from importlib.metadata import version
from logging.handlers import RotatingFileHandler, SMTPHandler
from pathlib import Path
from typing import Any

import pytest
from flask import Flask


@pytest.fixture
def app() -> Iterator[Flask]:
    """An application whose logger takes records from WARNING on."""
    app = Flask("inspected")
    app.logger.handlers.clear()
    app.logger.setLevel(logging.WARNING)
    app.logger.propagate = False
    yield app
    app.logger.handlers.clear()


def test_mail_handler(
    probe: Callable[[str], Any], app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail handler is reported with its arguments; credentials by their settings."""
    monkeypatch.setenv("MAIL_USERNAME", "somebody")
    handler = SMTPHandler(
        *(("mail.example", 25), "a@example.org", ["b@example.org"], "Failure"),
        credentials=("somebody", "secret"),
        secure=(),
    )
    handler.setLevel(logging.ERROR)
    app.logger.addHandler(handler)

    *_, found = probe("inspection").handlers(app)  # pytest adds its own

    assert (found["class"], found["level"], found["threshold"]) == (
        *("SMTPHandler", "ERROR", "WARNING"),
    )
    assert found["arguments"] == {
        **{"mailhost": "mail.example", "mailport": 25, "fromaddr": "a@example.org"},
        **{
            "toaddrs": ["b@example.org"],
            "subject": "Failure",
            "credentials": ["MAIL_USERNAME", "another value"],
        },
        "secure": (),
    }


def test_file_handler(probe: Callable[[str], Any], app: Flask, tmp_path: Path) -> None:
    """A file handler is reported with its limits."""
    path = tmp_path / "a.log"
    handler = RotatingFileHandler(path, maxBytes=10, backupCount=3, encoding="utf-8")
    app.logger.addHandler(handler)

    *_, found = probe("inspection").handlers(app)  # pytest adds its own
    handler.close()

    assert found["arguments"] == {
        **{"filename": str(path), "mode": "a", "maxBytes": 10, "backupCount": 3},
        "encoding": "utf-8",
    }


def test_strange_argument(probe: Callable[[str], Any], app: Flask) -> None:
    """An argument that JSON cannot represent is reported as its repr()."""
    handler = logging.NullHandler()
    handler.secure = {1}  # type: ignore[attr-defined]
    app.logger.addHandler(handler)

    *_, found = probe("inspection").handlers(app)  # pytest adds its own

    assert found["arguments"] == {"secure": "{1}"}


def test_error_handlers(probe: Callable[[str], Any], app: Flask) -> None:
    """Error handlers are reported with their file and line."""

    class Answer:
        """A callable without a source line."""

        def __call__(self, error: Exception) -> None:
            """Answer nothing."""

    def not_found(error: Exception) -> None:
        """Answer nothing."""

    app.register_error_handler(404, not_found)  # type: ignore[arg-type]

    app.register_error_handler(KeyError, Answer())  # type: ignore[arg-type]

    found = {row[1]: row for row in probe("inspection").error_handlers(app)}

    code, _, name, file, line = found["NotFound"]
    assert (code, name, file) == (404, "not_found", __file__)
    assert line == not_found.__code__.co_firstlineno
    assert found["KeyError"][0] is None
    assert found["KeyError"][3:] == ["", 0]


def test_imported(probe: Callable[[str], Any]) -> None:
    """The files of all imported modules are reported."""
    assert __file__ in probe("inspection").imported()


def test_echo(
    probe: Callable[[str], Any], app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes only to files is printed as well, by a handler that is not listed."""
    root = logging.RootLogger(logging.INFO)
    monkeypatch.setattr(logging, "getLogger", lambda: root)
    app.logger.propagate, app.logger.parent = True, root

    probe("echo").install()
    assert root.handlers == []
    root.addHandler(logging.NullHandler())
    probe("echo").install()
    probe("echo").install()

    assert len(root.handlers) == 2
    listed = [one["class"] for one in probe("inspection").handlers(app)]
    assert "NullHandler" in listed
    assert "Echo" not in listed


def test_packages(probe: Callable[[str], Any]) -> None:
    """Every installed distribution is listed by its normalized name."""
    found = probe("inspection").packages()

    assert found["flask"] == version("flask")
    assert found["flask-login"] == version("Flask-Login")


class Lazy:
    """A text whose repr() fails outside a request, like a lazily translated one."""

    def __repr__(self) -> str:
        raise RuntimeError("Working outside of request context.")


def test_setting_without_a_repr(probe: Callable[[str], Any], app: Flask) -> None:
    """A setting that cannot be shown is reported by its type and the error."""
    app.config["GREETING"] = Lazy()

    assert probe("inspection").settings(app)["GREETING"] == "<Lazy: RuntimeError>"
