"""What was found, in words."""

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
    """What was found is told, and what was not; what is usual is not worth a line."""
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
    """Code that turns debug or testing on, or starts in one mode only, is told so."""
    silent = replace(TARGET, log=LogLocation(written=False))
    settings = {"DEBUG": True, "TESTING": True}

    told = dict(described(silent, "", settings, "mail"))

    assert told["log"] == "none is written"
    assert told["starts"] == "not as it is; judged in mode mail"
    assert told["debug"].startswith("its code turns it on")
    assert told["testing"].startswith("its code turns it on")
    assert "mail" not in told


def test_judged_in_debug_mode() -> None:
    """Debug mode that the harness turned on is not laid to the code."""
    assert "debug" not in dict(described(TARGET, "", {"DEBUG": True}, "debug"))
