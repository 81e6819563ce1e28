"""The harness's own promises, where they need a served application to show."""

import platform
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import pytest

from tests.harness.http.visitor import Visitor
from tests.harness.mail.mailbox import Mailbox
from tests.harness.probe.client import ProbeError
from tests.harness.server.launcher import Launcher
from tests.harness.server.service import NotStarted
from tests.harness.server.site import Site
from tests.harness.target.command import run
from tests.harness.target.workplace import Workplace
from tests.harness.waiting import DeadlineExceeded

NAMES = 'SELECT username FROM "user" ORDER BY username'


def test_reset_lets_updates_pass_again(site: Site, susan: Visitor) -> None:
    """A reset takes out the trigger by which the database refuses updates."""
    site.probe.refuse_updates("user", "about_me")
    assert susan.edit_profile(about_me="refused").status == 500

    site.reset()

    assert site.member("susan").edit_profile(about_me="saved").status == 200


def test_reset_brings_back_what_was_stored(site: Site) -> None:
    """A reset brings back the rows that a test removed, and removes what it added."""
    site.visitor().register("mallory")
    site.probe.sql("""DELETE FROM "user" WHERE username = 'john'""")

    site.reset()

    assert site.probe.rows(NAMES) == [["john"], ["susan"]]


def test_reset_site_is_of_no_age(site: Site) -> None:
    """After a reset the members were seen a moment ago, however old the site is."""
    site.users.set_last_seen("2000-01-01 00:00:00")
    site.probe.snapshot()

    site.reset()

    begin = f"{datetime.now(UTC) - timedelta(minutes=1):%Y-%m-%d %H:%M:%S}"
    assert min(map(site.users.last_seen, ["susan", "john"])) > begin


#: A request during which the garbage collector finds an earlier request's connection.
COLLECTS = """
import gc
from harness_probe import app
from harness_probe.state import current

def begin():
    current.request, current.fault = "GET /", {"number": 99, "matching": ""}
    current.count, current.own, current.seen = 0, [], []

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


def test_garbage_is_no_step(workplace: Workplace, database_url: str) -> None:
    """What the garbage collector rolls back is no step of the request it comes in."""
    (workplace.code / "collects.py").write_text(COLLECTS)

    finished = run(workplace, "collects", env={"DATABASE_URL": database_url})

    assert finished.last_line == "collected: 0, its own: 2", finished.output


def test_failed_statement_is_an_error_of_the_test(site: Site) -> None:
    """A statement that the database refuses is told with the database's own words."""
    with pytest.raises(ProbeError, match="no_such_table"):
        site.probe.sql("SELECT * FROM no_such_table")


def test_failed_statement_leaves_nothing(site: Site) -> None:
    """A statement that fails at its second row changes nothing, the first neither."""
    with pytest.raises(ProbeError):
        site.probe.sql("""UPDATE "user" SET email = 'one@example.com'""")

    emails = site.probe.rows('SELECT email FROM "user" ORDER BY email')
    assert emails == [["john@example.com"], ["susan@example.com"]]


def test_failed_statement_leaves_connections_usable(site: Site, susan: Visitor) -> None:
    """After failed statements the connections of the application's pool are clean."""
    for _ in range(6):
        with pytest.raises(ProbeError):
            site.probe.sql("SELECT * FROM no_such_table")

    assert susan.edit_profile(about_me="saved").status == 200


def test_tables(site: Site) -> None:
    """Tables are told with their columns, what others refer to before those."""
    tables = site.probe.tables()

    assert list(tables)[-2:] == ["user", "post"]
    assert {"id", "body", "user_id"} <= set(tables["post"])


def test_dialect(site: Site, request: pytest.FixtureRequest) -> None:
    """The site is on the database that the run asks for."""
    wanted = "postgresql" if request.config.getoption("postgres") else "sqlite"

    assert site.probe.dialect() == wanted


def test_versions(site: Site) -> None:
    """The versions are those of the process that serves."""
    versions = site.probe.versions()

    assert versions["Python"] == platform.python_version()
    assert versions["Flask"] == version("flask")


def test_settings_without_secrets(site: Site) -> None:
    """Settings are told, and those that are secret are not."""
    settings = site.probe.settings()

    assert settings["MAIL_SERVER"] == "localhost"
    assert "SECRET_KEY" not in settings


def test_routes(site: Site) -> None:
    """The routes are those of the target, without the probe's own."""
    rules = [rule for rule, _, _ in site.probe.routes()]

    assert "/edit_profile" in rules
    assert not [rule for rule in rules if "__probe__" in rule]


def test_handlers(site: Site) -> None:
    """The logging handlers are those that the application has in the process."""
    kinds = {handler.kind for handler in site.probe.handlers()}

    assert {"SharedRotatingFileHandler", "MailHandler"} <= kinds


def hashes(site: Site) -> list[str]:
    """The stored hashes of all passwords."""
    return [str(user["password_hash"]) for user in site.users.all()]


def test_members_are_known_again(launch: Callable[..., Site]) -> None:
    """Who registered on one site is a member of the next, with a session there."""
    first, site = launch(), launch()
    first.member("susan")
    susan = site.member("susan")

    assert susan.home().signed_in
    assert susan.username == "susan"
    assert site.visitor().sign_in("john").signed_in
    assert hashes(site) == hashes(first)  # who registers again has another one


@pytest.mark.parametrize(
    ("key", "registers"),
    [("another key, not the usual", []), ("a secret of the harness", ["mary"])],
    ids=["other-key", "not-empty"],
)
def test_members_register(
    launch: Callable[..., Site], key: str, registers: list[str]
) -> None:
    """Where cookies have another key, or somebody was first, members register."""
    first, site = launch(), launch(env={"SECRET_KEY": key})
    first.member("susan")
    for name in registers:
        site.visitor().register(name)
    susan = site.member("susan")

    assert susan.open(site.sitemap.edit_profile).value("Username") == "susan"
    assert site.users.names == [*registers, "susan", "john"]
    assert not set(hashes(site)) & set(hashes(first))


def test_members_under_other_keys(launch: Callable[..., Site]) -> None:
    """Where the keys in their cookies are somebody else's, members are not let in."""
    first, site = launch(), launch()
    first.member("susan")
    site.users.add(first.users.all()[0])
    site.users.remove("susan")

    with pytest.raises(NotStarted, match="somebody was stored here before"):
        site.member("susan")


def test_site_without_the_probe(launch: Callable[..., Site]) -> None:
    """Without the probe a site is that of the target alone."""
    visitor = launch(probed=False).visitor()

    assert visitor.home().status == 200
    assert visitor.open("/__probe__/raise").status == 404


def test_ended_shared_site(launcher: Launcher) -> None:
    """A shared site that has ended is started again for the next who asks."""
    site = launcher.shared(mail=False, NOTE="it will end")
    site.kill()

    again = launcher.shared(mail=False, NOTE="it will end")

    assert again is not site
    assert again.visitor().home().status == 200


@pytest.fixture(scope="module")
def astray(launcher: Launcher) -> Iterator[Site]:
    """A site whose mails go nowhere and whose users are not where it looks."""
    with (
        Mailbox() as mailbox,
        launcher.launch(mail=mailbox, env={"MAIL_SERVER": ""}) as site,
    ):
        site.probe.sql('ALTER TABLE "user" RENAME TO "people"')
        yield site


@pytest.mark.xdist_group("astray")
def test_mail_that_does_not_come(astray: Site) -> None:
    """Mails that do not come are told each time, after the whole time of waiting."""
    for within in (0.01, 0.02):
        with pytest.raises(DeadlineExceeded, match=f"no mail came within {within} s"):
            astray.mails(within)


@pytest.mark.xdist_group("astray")
def test_target_that_lets_nobody_in(astray: Site) -> None:
    """A site on which nobody can sign in is told with the page that said so."""
    with pytest.raises(NotStarted, match="susan cannot sign in: 500"):
        astray.member("susan")
