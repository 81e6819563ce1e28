"""The probe inside a running site."""

import pytest

from tests.harness.http.visitor import Visitor
from tests.harness.probe.client import ProbeError
from tests.harness.server.site import Site
from tests.harness.target.command import run
from tests.harness.target.workplace import Workplace

#: A request during which the garbage collector finds an earlier request's connection.
COLLECTS = """
import gc
from types import SimpleNamespace
from harness_probe import app, statements
from harness_probe.state import current

def begin():
    fault = {"number": 99, "matching": ""}
    statements.begin(SimpleNamespace(fault=lambda: fault), "GET /")

with app.app_context():
    engine = app.extensions["sqlalchemy"].engine
    engine.connect().close()
    lost = [engine.raw_connection()]
    lost.append(lost)
    gc.collect()
    begin()
    del lost
    gc.collect()
    collected = current.count
    begin()
    engine.raw_connection().close()
    print(f"collected: {collected}, its own: {current.count}")
"""


def test_collected_connection(workplace: Workplace, database_url: str) -> None:
    """A rollback by the garbage collector is not a step of the current request."""
    (workplace.code / "collects.py").write_text(COLLECTS)

    finished = run(workplace, "collects", env={"DATABASE_URL": database_url})

    assert finished.last_line == "collected: 0, its own: 2", finished.output


def test_failed_statement(site: Site) -> None:
    """A statement that the database refuses fails with the database's message."""
    with pytest.raises(ProbeError, match="no_such_table"):
        site.probe.sql("SELECT * FROM no_such_table")


def test_partly_failed_statement(site: Site) -> None:
    """A statement that fails at its second row does not change the first one."""
    with pytest.raises(ProbeError):
        site.probe.sql("""UPDATE "user" SET email = 'one@example.com'""")

    emails = site.probe.rows('SELECT email FROM "user" ORDER BY email')
    assert emails == [["john@example.com"], ["susan@example.com"]]


def test_connections_after_failed_statements(site: Site, susan: Visitor) -> None:
    """Failed statements leave the application's connections usable."""
    for _ in range(6):
        with pytest.raises(ProbeError):
            site.probe.sql("SELECT * FROM no_such_table")

    assert susan.edit_profile(about_me="saved").status == 200


def test_database_in_use(site: Site, request: pytest.FixtureRequest) -> None:
    """A site uses the database that the run asks for."""
    wanted = "postgresql" if request.config.getoption("postgres") else "sqlite"

    assert site.probe.dialect() == wanted


def test_settings_without_secrets(site: Site) -> None:
    """The probe returns the settings except the secret ones."""
    settings = site.probe.settings()

    assert settings["MAIL_SERVER"] == "localhost"
    assert "SECRET_KEY" not in settings


def test_routes_of_the_target(site: Site) -> None:
    """The probe returns the routes except its own."""
    rules = [rule for rule, _, _ in site.probe.routes()]

    assert "/edit_profile" in rules
    assert not [rule for rule in rules if "__probe__" in rule]
