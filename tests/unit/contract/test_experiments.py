"""Experiments that compare the handlers of two ways to start a target."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.contract.experiments import Experiments, try_out
from tests.contract.verdicts import Evidence
from tests.harness.probe.client import Handler
from tests.harness.server.service import NotStarted

CODE = Path("/tmp/1/target")
RIGHT = ["MAIL_USERNAME", "MAIL_PASSWORD"]

#: Returns the handlers after a start with an environment and a number of restarts.
Handlers = Callable[[Mapping[str, str], int], list[Handler]]


def handler(base: str, **arguments: Any) -> Handler:
    """Return a handler that the author's code has added."""
    added_at = (f"{CODE}/app.py", 9, "add(x)")
    bases, values = (base, "Handler"), ("INFO", None, None)
    return Handler("app", base, bases, *values, arguments, "INFO", added_at)


class Launcher:
    """A stand-in for the launcher that counts the sites it starts."""

    def __init__(self, handlers: Handlers, folder: Path = CODE) -> None:
        self.target = SimpleNamespace(folder=folder)
        self.started = 0
        self._handlers = handlers

    @contextmanager
    def launch(self, env: Mapping[str, str]) -> Iterator[Any]:
        """Start a site that has only handlers."""
        self.started += 1
        restarts: list[None] = []
        handlers = lambda: self._handlers(env, len(restarts))  # noqa: E731
        yield SimpleNamespace(
            code=CODE,
            restart=lambda: restarts.append(None),
            probe=SimpleNamespace(handlers=handlers),
        )


def findings(handlers: Handlers, identity: str, folder: Path = CODE) -> list[Evidence]:
    """Return the findings of the experiments."""
    launcher: Any = Launcher(handlers, folder)
    return list(try_out(Experiments(launcher), identity))


@pytest.mark.parametrize(
    ("needed", "text"),
    [
        (("MAIL_USE_TLS",), "with MAIL_USE_TLS as well"),
        (("MAIL_USERNAME",), "with MAIL_USERNAME and MAIL_PASSWORD as well"),
        (
            ("MAIL_USERNAME", "MAIL_USE_TLS"),
            "with MAIL_USE_TLS and MAIL_USERNAME and MAIL_PASSWORD as well",
        ),
    ],
    ids=["tls", "credentials", "both"],
)
def test_mail_handler_inside_another_condition(needed: Any, text: str) -> None:
    """A mail handler that also needs another setting is reported with it."""

    def handlers(env: Mapping[str, str], _: int) -> list[Handler]:
        return [handler("SMTPHandler")] if set(needed) <= set(env) else []

    [found] = findings(handlers, "mail.error-is-mailed")

    assert text in found.text
    assert (found.place, bool(found.key)) == ("app.py:9", True)


def test_mail_handler() -> None:
    """A mail handler that needs only MAIL_SERVER, or is missing, is no finding."""
    assert findings(lambda *_: [handler("SMTPHandler")], "mail.error-is-mailed") == []
    assert findings(lambda *_: [], "mail.error-is-mailed") == []


def test_compared_switch(tmp_path: Path) -> None:
    """A switch that must equal "true" is reported with the line that reads it."""
    (tmp_path / "a.py").write_text("if app.config['MAIL_USE_TLS']:\n")
    line = "TLS = os.environ.get('MAIL_USE_TLS') == 'true'"
    (tmp_path / "config.py").write_text(f"import os\n{line}\n")

    def handlers(env: Mapping[str, str], _: int) -> list[Handler]:
        secure = () if env["MAIL_USE_TLS"] == "true" else None
        return [handler("SMTPHandler", secure=secure)]

    [found] = findings(handlers, "mail.starttls", tmp_path)

    assert found.text == (
        "MAIL_USE_TLS=1 has no effect, and MAIL_USE_TLS=true has: the variable is "
        "compared with 'true'"
    )
    assert (found.place, found.source) == ("config.py:2", line)
    (tmp_path / "config.py").unlink()
    assert [each.place for each in findings(handlers, "mail.starttls", tmp_path)] == [
        ""
    ]


@pytest.mark.parametrize(
    ("secure", "texts"),
    [
        ((), []),
        (
            None,
            [
                "The handler is created with secure=None whether MAIL_USE_TLS is 1, "
                "true or True"
            ],
        ),
    ],
    ids=["works", "ignored"],
)
def test_switch(secure: object, texts: list[str]) -> None:
    """A switch that is ignored for every value is reported."""
    found = findings(
        lambda *_: [handler("SMTPHandler", secure=secure)], "mail.starttls"
    )

    assert [each.text for each in found] == texts


def test_switch_of_no_handler(tmp_path: Path) -> None:
    """If no handler mails, nothing is reported about the switch."""
    assert findings(lambda *_: [], "mail.starttls", tmp_path) == []


def test_credentials() -> None:
    """Credentials that do not reach the mail handler are reported."""

    def handlers(env: Mapping[str, str], _: int) -> list[Handler]:
        return [handler("SMTPHandler", credentials=RIGHT * ("MAIL_USE_TLS" in env))]

    assert [each.text for each in findings(handlers, "mail.credentials")] == [
        "With MAIL_USERNAME and MAIL_PASSWORD the handler is created without "
        "credentials"
    ]
    assert findings(lambda *_: [], "mail.credentials") == []


def test_swapped_credentials() -> None:
    """Credentials other than the two settings are named."""

    def handlers(env: Mapping[str, str], _: int) -> list[Handler]:
        return [handler("SMTPHandler", credentials=["MAIL_USERNAME"] * 2)]

    [found] = findings(handlers, "mail.credentials")

    assert found.text == (
        "With MAIL_USERNAME and MAIL_PASSWORD the handler's credentials are "
        "MAIL_USERNAME and MAIL_USERNAME"
    )
    assert (found.place, bool(found.key)) == ("app.py:9", True)


@pytest.mark.parametrize(
    ("identity", "base"),
    [("log.off-in-debug", "FileHandler"), ("mail.off-in-debug", "SMTPHandler")],
)
def test_handler_in_debug_mode(identity: str, base: str) -> None:
    """A handler that is added in debug mode, too, is reported with its line."""
    [found] = findings(lambda *_: [handler(base)], identity)

    assert found.text == f"In debug mode, too, a {base} is added to the logger"
    assert (found.place, bool(found.key)) == ("app.py:9", True)
    assert findings(lambda *_: [handler("StreamHandler")], identity) == []


def test_credentials_that_demand_tls() -> None:
    """A handler that demands TLS only because of credentials is reported."""

    def handlers(*_: object) -> list[Handler]:
        return [handler("SMTPHandler", credentials=RIGHT, secure=())]

    assert [each.text for each in findings(handlers, "mail.credentials")] == [
        "With MAIL_USERNAME and MAIL_PASSWORD the handler demands TLS, "
        "though MAIL_USE_TLS is unset"
    ]


def test_log_with_mail_only() -> None:
    """A file handler that is added only with MAIL_SERVER is reported."""

    def handlers(env: Mapping[str, str], _: int) -> list[Handler]:
        return [handler("FileHandler")] if "MAIL_SERVER" in env else []

    [found] = findings(handlers, "log.file")

    assert found.text.startswith("With MAIL_SERVER a file handler is added")


def test_log_of_the_first_start() -> None:
    """A file handler that is added only at the first start is reported."""

    def handlers(env: Mapping[str, str], restarts: int) -> list[Handler]:
        return [] if restarts else [handler("FileHandler")]

    [found] = findings(handlers, "log.startup")

    assert found.text.startswith("At the first start a file handler is added")
    assert found.place == "app.py:9"


def test_log() -> None:
    """A file handler that is always added is no finding."""
    assert findings(lambda *_: [handler("FileHandler")], "log.file") == []


def test_each_start_once() -> None:
    """Each start is tried once, however many behaviours need it."""
    launcher: Any = Launcher(lambda *_: [])
    experiments = Experiments(launcher)

    for identity in ("log.file", "log.startup", "log.format"):
        assert list(try_out(experiments, identity)) == []

    assert launcher.started == 3


def test_start_that_fails() -> None:
    """An experiment whose start fails reports the exception."""

    def handlers(env: Mapping[str, str], _: int) -> list[Handler]:
        raise NotStarted('  File "/tmp/1/target/a.py", line 2, in x\nKeyError: 3')

    [found] = findings(handlers, "mail.credentials")

    assert (found.text, found.place) == ("Starting it raises KeyError: 3", "a.py:2")
