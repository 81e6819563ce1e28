"""What changes between two ways to start."""

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

#: What handlers there are after a start with an environment, and so many restarts.
Handlers = Callable[[Mapping[str, str], int], list[Handler]]


def handler(base: str, **arguments: Any) -> Handler:
    """Return a handler that the author's code has added."""
    added_at = (f"{CODE}/app.py", 9, "add(x)")
    bases, values = (base, "Handler"), ("INFO", None, None)
    return Handler("app", base, bases, *values, arguments, "INFO", added_at)


class Launcher:
    """Starts pretended sites of one target; counts them."""

    def __init__(self, handlers: Handlers, folder: Path = CODE) -> None:
        self.target = SimpleNamespace(folder=folder)
        self.started = 0
        self._handlers = handlers

    @contextmanager
    def launch(self, env: Mapping[str, str]) -> Iterator[Any]:
        """Start a site."""
        self.started += 1
        restarts: list[None] = []
        handlers = lambda: self._handlers(env, len(restarts))  # noqa: E731
        yield SimpleNamespace(
            code=CODE,
            restart=lambda: restarts.append(None),
            probe=SimpleNamespace(handlers=handlers),
        )


def told(handlers: Handlers, identity: str, folder: Path = CODE) -> list[Evidence]:
    """Return what the experiments say of a target."""
    launcher: Any = Launcher(handlers, folder)
    return list(try_out(Experiments(launcher), identity))


@pytest.mark.parametrize(
    ("needed", "text"),
    [
        (("MAIL_USE_TLS",), "with MAIL_USE_TLS, too"),
        (("MAIL_USERNAME",), "with MAIL_USERNAME and MAIL_PASSWORD, too"),
        (
            ("MAIL_USERNAME", "MAIL_USE_TLS"),
            "with MAIL_USE_TLS and MAIL_USERNAME and MAIL_PASSWORD, too",
        ),
    ],
    ids=["tls", "credentials", "both"],
)
def test_mail_handler_inside_another_condition(needed: Any, text: str) -> None:
    """A handler that is added inside another condition is told with that."""

    def handlers(env: Mapping[str, str], _: int) -> list[Handler]:
        return [handler("SMTPHandler")] if set(needed) <= set(env) else []

    [found] = told(handlers, "mail.error-is-mailed")

    assert text in found.text
    assert (found.place, bool(found.key)) == ("app.py:9", True)


def test_mail_handler() -> None:
    """A handler that is added with MAIL_SERVER alone, or never, tells nothing."""
    assert told(lambda *_: [handler("SMTPHandler")], "mail.error-is-mailed") == []
    assert told(lambda *_: [], "mail.error-is-mailed") == []


def test_compared_switch(tmp_path: Path) -> None:
    """A switch that is compared with "true" is told with the line that reads it."""
    (tmp_path / "a.py").write_text("if app.config['MAIL_USE_TLS']:\n")
    line = "TLS = os.environ.get('MAIL_USE_TLS') == 'true'"
    (tmp_path / "config.py").write_text(f"import os\n{line}\n")

    def handlers(env: Mapping[str, str], _: int) -> list[Handler]:
        secure = () if env["MAIL_USE_TLS"] == "true" else None
        return [handler("SMTPHandler", secure=secure)]

    [found] = told(handlers, "mail.starttls", tmp_path)

    assert found.text == (
        "MAIL_USE_TLS=1 is ignored, and MAIL_USE_TLS=true is heeded: the variable is "
        "compared with 'true'"
    )
    assert (found.place, found.source) == ("config.py:2", line)
    (tmp_path / "config.py").unlink()
    assert [each.place for each in told(handlers, "mail.starttls", tmp_path)] == [""]


@pytest.mark.parametrize(
    ("secure", "texts"),
    [
        ((), []),
        (
            None,
            [
                "The handler is made with secure=None, whether MAIL_USE_TLS is 1, true "
                "or True"
            ],
        ),
    ],
    ids=["heeded", "ignored"],
)
def test_switch(secure: object, texts: list[str]) -> None:
    """A switch that is ignored whatever its value is told."""
    found = told(lambda *_: [handler("SMTPHandler", secure=secure)], "mail.starttls")

    assert [each.text for each in found] == texts


def test_switch_of_no_handler(tmp_path: Path) -> None:
    """Where no handler mails there is nothing to say of the switch."""
    assert told(lambda *_: [], "mail.starttls", tmp_path) == []


def test_credentials() -> None:
    """Credentials that do not reach the handler are told with the settings."""

    def handlers(env: Mapping[str, str], _: int) -> list[Handler]:
        return [handler("SMTPHandler", credentials="MAIL_USE_TLS" in env)]

    assert [each.text for each in told(handlers, "mail.credentials")] == [
        "With MAIL_USERNAME and MAIL_PASSWORD the handler is made without credentials"
    ]
    assert told(lambda *_: [], "mail.credentials") == []


def test_credentials_that_demand_tls() -> None:
    """A handler that encrypts for the sake of credentials alone is told."""

    def handlers(*_: object) -> list[Handler]:
        return [handler("SMTPHandler", credentials=True, secure=())]

    assert [each.text for each in told(handlers, "mail.credentials")] == [
        "With MAIL_USERNAME and MAIL_PASSWORD the handler demands TLS, "
        "though MAIL_USE_TLS is unset"
    ]


def test_log_with_mail_only() -> None:
    """A file handler that depends on the mail server is told."""

    def handlers(env: Mapping[str, str], _: int) -> list[Handler]:
        return [handler("FileHandler")] if "MAIL_SERVER" in env else []

    [found] = told(handlers, "log.file")

    assert found.text.startswith("With MAIL_SERVER a handler that writes to a file")


def test_log_of_the_first_start() -> None:
    """A file handler that is added only where the directory is missing is told."""

    def handlers(env: Mapping[str, str], restarts: int) -> list[Handler]:
        return [] if restarts else [handler("FileHandler")]

    [found] = told(handlers, "log.startup")

    assert found.text.startswith("At the first start a handler that writes to a file")
    assert found.place == "app.py:9"


def test_log() -> None:
    """A file handler that is always there tells nothing."""
    assert told(lambda *_: [handler("FileHandler")], "log.file") == []


def test_each_way_once() -> None:
    """What was tried once is known."""
    launcher: Any = Launcher(lambda *_: [])
    experiments = Experiments(launcher)

    for identity in ("log.file", "log.startup", "log.format"):
        assert list(try_out(experiments, identity)) == []

    assert launcher.started == 3


def test_start_that_fails() -> None:
    """A way in which it does not start is told by its exception."""

    def handlers(env: Mapping[str, str], _: int) -> list[Handler]:
        raise NotStarted('  File "/tmp/1/target/a.py", line 2, in x\nKeyError: 3')

    [found] = told(handlers, "mail.credentials")

    assert (found.text, found.place) == ("Starting it raises KeyError: 3", "a.py:2")
