"""The reloader after a source file is saved."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest
import requests

from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.service import flask_server
from tests.harness.server.site import Site
from tests.harness.waiting import eventually

pytestmark = pytest.mark.slow
#: Seconds in which the reloader checks every file more than once.
LOOK = 3
#: A text of one of our views, and its replacement.
OLD_TEXT, NEW_TEXT = "Invalid username or password", "Who might that be"
#: New code for a source file of any Flask application with unknown views:
#: a header of each response shows it.
NEW_CODE = """
from flask import Flask

def answer(app, response, before=Flask.process_response):
    response = before(app, response)
    response.headers["New-Code"] = "{name}"
    return response

Flask.process_response = answer
"""


@pytest.fixture
def source(debugged: Site) -> Iterator[Path]:
    """The source file that the server imports first, in the running copy."""
    module = debugged.workplace.target.app.partition(":")[0].replace(".", "/")
    package = debugged.code / module / "__init__.py"
    path = package if package.exists() else debugged.code / f"{module}.py"
    before = path.read_text()
    yield path
    save(
        debugged,
        path,
        before,
        lambda: debugged.probe.answers(within=5) and new_code(debugged) is None,
    )


@pytest.fixture
def view(debugged: Site) -> Iterator[Path]:
    """The source file of our views, in the running copy."""
    path = views_of(debugged)
    before = path.read_text("utf-8")
    yield path
    save(debugged, path, before, lambda: OLD_TEXT in refusal(debugged))


@pytest.fixture
def template(debugged: Site) -> Iterator[Path]:
    """The template of our error pages, in the running copy."""
    path = debugged.code / "app" / "templates" / "errors" / "error.html"
    before = path.read_text("utf-8")
    yield path
    path.write_text(before, encoding="utf-8")


def views_of(site: Site) -> Path:
    """Return the source file of the view that refuses a password."""
    return site.code / "app" / "accounts.py"


def refusal(site: Site) -> str:
    """Return the text of the page that refuses a password."""
    return site.visitor().sign_in("nobody").text


def edited(path: Path) -> str:
    """Return the source of a view with its text replaced."""
    before = path.read_text("utf-8")
    assert OLD_TEXT in before
    return before.replace(OLD_TEXT, NEW_TEXT)


def save(site: Site, path: Path, text: str, in_effect: Callable[[], bool]) -> None:
    """Save a source file, and wait until it is in effect.

    It is saved again after a while: the reloader never notices a change that is saved
    before it has looked at the file for the first time.
    """
    path.write_text(text, encoding="utf-8")
    seen, due = site.output.count("Detected change"), monotonic() + LOOK

    def answers() -> bool:
        nonlocal due
        # While the server restarts, it closes its port and its connections.
        with suppress(requests.RequestException):
            if in_effect():
                return True
        unnoticed = site.output.count("Detected change") == seen
        if unnoticed and monotonic() > due:  # pragma: no cover - saved too early
            path.write_text(text, encoding="utf-8")
            due += 3 * LOOK  # a server that prints nothing may be restarting
        return False

    eventually(answers, within=30, what="the saved code", tail=site.process.tail)


def new_code(site: Site) -> str | None:
    """Return the name of the new code that answers; None for the old code."""
    return site.visitor().open("/nope").headers.get("New-Code")


@behaviour("debug.reloader")
def test_saved_code_answers(debugged: Site, source: Path):
    """Saving a source file restarts the server, and the new code answers."""
    before = debugged.probe.pid()

    saved = source.read_text() + NEW_CODE.format(name="saved")
    save(debugged, source, saved, lambda: new_code(debugged) == "saved")

    assert debugged.probe.pid() != before, "The old process answers."


@own_only
@behaviour("debug.reloader")
def test_edited_view_answers(debugged: Site, view: Path):
    """The next page shows a text that was edited in a view."""
    assert OLD_TEXT in refusal(debugged)

    save(debugged, view, edited(view), lambda: NEW_TEXT in refusal(debugged))


@own_only
@behaviour("debug.one-writer")
def test_one_writer_after_a_save(launch: Callable[..., Site]):
    """After a saved edit each start and each event has been logged once."""
    site = launch(server=flask_server("--reload"))
    view, started = views_of(site), "Microblog startup"
    site.probe.log("WARNING", "before")

    save(site, view, edited(view), lambda: NEW_TEXT in refusal(site))
    site.probe.log("WARNING", "after")

    messages = [record.message for record in site.records()]
    destinations = messages[1]
    assert destinations.startswith("Errors are logged to ")
    start = [started, destinations]
    assert messages == [*start, "before", *start, "after"]


@own_only
@behaviour("debug.reloader")
def test_saved_template_answers(debugged: Site, template: Path):
    """A saved template is used at once, without a restart."""
    before = debugged.probe.pid()

    template.write_text("<h1>Another page</h1>", encoding="utf-8")

    assert debugged.visitor().open("/nope").heading == "Another page"
    assert debugged.probe.pid() == before


@behaviour("debug.syntax-error-and-repair")
def test_broken_save_and_repair(debugged: Site, source: Path):
    """A broken save is reported by page and output; repairing it restores the site."""
    good = source.read_text()

    save(
        debugged,
        source,
        good + "\ndef broken(:\n",
        lambda: debugged.visitor().home().status == 500,
    )

    page = debugged.visitor().home()
    assert "SyntaxError" in page.text, "The page does not name the error."
    assert "def broken(:" in debugged.output, (
        "The server does not print the broken line."
    )

    repaired = good + NEW_CODE.format(name="repaired")
    save(debugged, source, repaired, lambda: new_code(debugged) == "repaired")
