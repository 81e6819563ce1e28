"""The reloader: what is saved is what answers."""

from pathlib import Path

import pytest

from tests.harness.behaviour import MUST, SHOULD, behaviour, own_only
from tests.harness.site import Site

pytestmark = pytest.mark.slow

CHAPTER = "Debug Mode"
#: New code for a source file of any Flask application: each answer tells of it.
NEW_CODE = """
from flask import Flask

def answer(app, response, before=Flask.process_response):
    response = before(app, response)
    response.headers["New-Code"] = "{name}"
    return response

Flask.process_response = answer
"""


@pytest.fixture
def source(debugged: Site) -> Path:
    """The source file that the server imports first, in the copy that runs."""
    module = debugged.workplace.target.app.partition(":")[0].replace(".", "/")
    package = debugged.code / module / "__init__.py"
    return package if package.exists() else debugged.code / f"{module}.py"


def save(site: Site, path: Path, text: str) -> None:
    """Save a source file, and wait until the server has started anew."""
    starts = site.output.count("Debugger is active")
    path.write_text(text, encoding="utf-8")
    site.process.wait_for(rf"(?s)(Debugger is active.*){{{starts + 1}}}")


def new_code(site: Site) -> str | None:
    """Return the name of the new code that answers; None: the old code answers."""
    return site.visitor().open("/nope").headers.get("New-Code")


@behaviour("debug.reloader", MUST, source=CHAPTER)
def test_saved_code_answers(debugged: Site, source: Path):
    """Saving a source file restarts the server, and the new code answers."""
    before = debugged.probe.pid()

    save(debugged, source, source.read_text() + NEW_CODE.format(name="saved"))

    assert new_code(debugged) == "saved"
    assert debugged.probe.pid() != before


@own_only
@behaviour("debug.reloader", MUST, source=CHAPTER)
def test_saved_template_answers(debugged: Site):
    """A saved template answers at once, from the same process."""
    before = debugged.probe.pid()
    template = debugged.code / "app" / "templates" / "errors" / "error.html"

    template.write_text("<h1>Another page</h1>", encoding="utf-8")

    assert debugged.visitor().open("/nope").heading == "Another page"
    assert debugged.probe.pid() == before


@behaviour("debug.syntax-error-and-repair", SHOULD)
def test_broken_save_and_repair(debugged: Site, source: Path):
    """A broken save is reported by page and output; repaired, the site is back."""
    good = source.read_text()

    save(debugged, source, good + "\ndef broken(:\n")

    page = debugged.visitor().home()
    assert page.status == 500
    assert "SyntaxError" in page.text
    assert "def broken(:" in debugged.output

    save(debugged, source, good + NEW_CODE.format(name="repaired"))

    assert new_code(debugged) == "repaired"
