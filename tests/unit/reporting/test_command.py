"""The command that raises an error on purpose."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import reporting
from tests.harness.mail.mailbox import Mailbox
from tests.harness.plugin.behaviour import behaviour

MakeApp = Callable[..., Flask]
Run = Callable[..., list[str]]


@pytest.fixture
def run(make_app: MakeApp) -> Run:
    """A function that runs the command in an application with given settings."""

    def run(status: int = 0, **settings: Any) -> list[str]:
        site = make_app(**settings)

        @site.errorhandler(500)
        def page(error: Exception) -> tuple[str, int]:
            return f"Reference: {reporting.reference()}", 500

        result = site.test_cli_runner().invoke(args=["errors-test"])
        assert result.exit_code == status, result.output
        return result.output.splitlines()

    return run


@behaviour("mail.test-command")
def test_all_is_well(run: Run, mailbox: Mailbox, tmp_path: Path) -> None:
    """The command shows the page, the record and the mail of an error."""
    page, log, mail = run()

    text = mailbox.next().text
    assert "ErrorsTest: raised by flask errors-test" in text
    reference = page.split()[-1]
    assert page == (f"Page: 500 INTERNAL SERVER ERROR, shows the reference {reference}")
    assert f"Reference: {reference}\n" in text
    assert log == f"Log:  {tmp_path}/logs/microblog.log, line 3"
    assert mail == (
        "Mail: sent to admin@example.com, second@example.com"
        f" by localhost port {mailbox.port} (no TLS)"
    )


@behaviour("mail.test-command")
def test_twice(run: Run, mailbox: Mailbox) -> None:
    """The mail of the command is sent each time, despite MAIL_INTERVAL."""
    for _ in range(2):
        run(MAIL_INTERVAL=60)

    assert len(mailbox.drain()) == 2


@behaviour("mail.test-command")
@pytest.mark.parametrize(
    ("settings", "status", "outcome"),
    [
        ({"MAIL_SERVER": None}, 0, "not sent: MAIL_SERVER is not set"),
        ({"ADMINS": []}, 0, "not sent: ADMINS is empty"),
        ({"MAIL_PASSWORD": "x"}, 1, "not delivered: localhost port "),
    ],
    ids=["no-server", "no-admins", "password"],
)
def test_no_mail(run: Run, settings: dict[str, Any], status: int, outcome: str) -> None:
    """The command prints why no mail is sent, and fails if mail is configured."""
    assert run(status, **settings)[2].startswith(f"Mail: {outcome}")


@behaviour("mail.test-command")
def test_refused(run: Run) -> None:
    """An undelivered mail fails the command, with the reason."""
    with Mailbox(refuses=True) as mailbox:
        mail = run(status=1, MAIL_PORT=mailbox.port)[2]

    assert mail.startswith("Mail: not delivered: localhost port ")
    assert mail.endswith("Connection refused")


@pytest.mark.parametrize("blocked", ["folder", "file"])
def test_not_written(run: Run, tmp_path: Path, blocked: str) -> None:
    """A record that does not reach the log file fails the command."""
    folder = tmp_path / "logs"
    if blocked == "folder":
        folder.write_text("a file in place of the folder")
    else:
        folder.mkdir()
        (folder / "microblog.log").symlink_to("/dev/null")

    assert f"Log:  not written to {folder}/microblog.log" in run(status=1)


@behaviour("log.stdout")
def test_stdout(run: Run) -> None:
    """With LOG_TO_STDOUT, the command does not look for a log file."""
    assert run(LOG_TO_STDOUT=True)[1] == "Log:  written to standard output"


def test_debug(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """In debug mode, the command reports that nothing is logged or mailed."""
    monkeypatch.setenv("FLASK_DEBUG", "1")
    [line] = run(status=1)

    assert line == "Error: In debug mode nothing is logged or mailed."


def test_not_reached(make_app: MakeApp) -> None:
    """If the application refuses its request, the command fails with the status."""
    site = make_app()

    @site.before_request
    def refuse() -> tuple[str, int]:
        return "no", 403

    result = site.test_cli_runner().invoke(args=["errors-test"])

    assert result.exit_code == 1
    assert result.output == "Error: No error was logged: /errors-test: 403 FORBIDDEN.\n"
