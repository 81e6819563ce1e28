"""The summary of what was found on a target."""

from dataclasses import replace
from pathlib import Path

from tests.contract.findings import described
from tests.harness.database.users import UserTable
from tests.harness.http.site_map import SiteMap
from tests.harness.logs.records import LogLocation
from tests.harness.target.target import Target

TARGET = Target(
    Path("/blog"),
    sitemap=SiteMap(
        places={"home": "/", "profiles": "/u/{username}"},
        fields={"username": ("nick", "name")},
        extra_fields={"terms": True},
    ),
    user_table=UserTable(email="", about_me="", last_seen=""),
    log=LogLocation("a.log", "%(message)s"),
)


def test_found() -> None:
    """The summary lists what was found and what was not, and omits defaults."""
    assert described(TARGET, "to a@example.org", {}, "plain") == [
        ("pages", "home /, profiles /u/{username}"),
        ("not found", "edit_profile"),
        ("fields", "username nick"),
        ("also asked", "terms"),
        ("users", "table user: username, no e-mail, no about-me, no last-seen"),
        ("log", "a.log, %(message)s"),
        ("mail", "to a@example.org"),
    ]


def test_unusual() -> None:
    """Debug or testing set by the code, and a single mode of start, are reported."""
    silent = replace(TARGET, log=LogLocation(written=False))
    settings = {"DEBUG": True, "TESTING": True}

    summary = dict(described(silent, "", settings, "mail"))

    assert summary["log"] == "none is written"
    assert summary["starts"] == "not as it is; judged in mode mail"
    assert summary["debug"].startswith("its code turns it on")
    assert summary["testing"].startswith("its code turns it on")
    assert "mail" not in summary


def test_judged_in_debug_mode() -> None:
    """Debug mode that the harness turned on is not blamed on the code."""
    assert "debug" not in dict(described(TARGET, "", {"DEBUG": True}, "debug"))
