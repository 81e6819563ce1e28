"""The summary of what was found on a target."""

from dataclasses import replace
from pathlib import Path

from tests.contract.findings import summary
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
    assert summary(TARGET, "to a@example.org", {}, "plain") == [
        ("pages", "home /, profiles /u/{username}"),
        ("not found", "edit_profile"),
        ("fields", "username nick"),
        ("more fields", "terms"),
        ("users", "table user: username, no e-mail, no about-me, no last-seen"),
        ("log", "a.log, %(message)s"),
        ("mail", "to a@example.org"),
    ]


def test_unusual() -> None:
    """Debug or testing set by the code, and a single mode of start, are reported."""
    silent = replace(TARGET, log=LogLocation(written=False))
    settings = {"DEBUG": True, "TESTING": True}

    lines = dict(summary(silent, "", settings, "mail"))

    assert lines["log"] == "none is written"
    assert lines["starts"] == "only in mode mail, which is judged"
    assert lines["debug"].startswith("on in its code")
    assert lines["testing"].startswith("on in its code")
    assert "mail" not in lines


def test_judged_in_debug_mode() -> None:
    """Debug mode that the harness turned on is not reported as the code's."""
    assert "debug" not in dict(summary(TARGET, "", {"DEBUG": True}, "debug"))
