"""Log lines with hostile and non-ASCII text."""

import re

import pytest

from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site

#: A line that looks like a record, followed by a terminal escape.
FORGED = "a\n2026-01-01 00:00:00,000 INFO: forged [in x.py:1]\n\x1b[2J"
#: Control characters except newline; some programs break lines at U+2028, U+0085.
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202e]")
WORDS = "Grüße, 世界: das Wasserrohr 🚰 leckt"


@pytest.fixture(params=["address", "exception"])
def struck(request: pytest.FixtureRequest, site: Site, susan: Visitor) -> Site:
    """A site that has logged an error with text that a visitor chose."""
    site.require_log()
    if request.param == "address":
        site.probe.break_statement(error="OperationalError", matching="(?i)select")
        susan.profile(FORGED)
    else:
        site.fail(FORGED)
    return site


@behaviour("log.one-line-per-event")
def test_forged_record(struck: Site) -> None:
    """A line break in a request does not start a new record."""
    paths = [record.path for record in struck.records()]

    assert "x.py" not in paths, "The text of a visitor stands in the log as a record."


@behaviour("log.one-line-per-event")
def test_terminal_escape(struck: Site) -> None:
    """A terminal escape in a request does not reach the log."""
    struck.records()

    assert "\x1b" not in struck.log.text, "A terminal escape stands in the log."


@behaviour("log.one-line-per-event")
@pytest.mark.parametrize(
    "control",
    [
        *("\n", "\r\n", "\x0b", "\x0c", "\x1b[31m", "\x7f", "\x85", "\x9b31m"),
        *("\u2028", "\u202e"),
    ],
    ids=ascii,
)
def test_message_is_one_line(site: Site, control: str) -> None:
    """A message with control characters is logged on one line without them."""
    site.require_log()
    site.probe.log("WARNING", f"the pipe{control}drips")

    site.records()
    lines = [line for line in site.log.text.split("\n") if "the pipe" in line]
    assert len(lines) == 1, f"The log has {len(lines)} lines of one message."
    assert "drips" in lines[0], f"The line is {lines[0]!r}."
    assert CONTROLS.search(lines[0]) is None, f"The line is {lines[0]!r}."


@behaviour("log.utf8")
def test_any_locale(launcher: Launcher) -> None:
    """Non-ASCII records are written unchanged in an ASCII locale."""
    site = launcher.shared(
        mail=False, LC_ALL="POSIX", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )
    site.require_log()

    site.probe.log("WARNING", WORDS)

    level = site.log.wait_for(WORDS).level
    assert level == "WARNING", f"Its level is {level}."
