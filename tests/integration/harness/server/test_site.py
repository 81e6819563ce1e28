"""A running site: what a reset restores, its members, and errors about it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.harness.http.visitor import Visitor
from tests.harness.mail.mailbox import Mailbox
from tests.harness.server.launcher import Launcher
from tests.harness.server.service import NotStarted, flask_server
from tests.harness.server.site import Site
from tests.harness.target.target import Target
from tests.harness.target.workplace import Workplace
from tests.harness.waiting import DeadlineExceeded
from tests.integration.harness.http.scripted_site import ScriptedSite

NAMES = 'SELECT username FROM "user" ORDER BY username'


def test_reset_allows_updates(site: Site, susan: Visitor) -> None:
    """A reset removes the trigger that makes the database refuse updates."""
    site.probe.refuse_updates("user", "about_me")
    assert susan.edit_profile(about_me="refused").status == 500

    site.reset()

    assert site.member("susan").edit_profile(about_me="saved").status == 200


def test_reset_restores_rows(site: Site) -> None:
    """A reset restores the rows that a test removed, and removes those it added."""
    site.visitor().register("mallory")
    site.probe.sql("""DELETE FROM "user" WHERE username = 'john'""")

    site.reset()

    assert site.probe.rows(NAMES) == [["john"], ["susan"]]


def test_reset_updates_last_seen(site: Site) -> None:
    """After a reset the members were last seen just now, whatever the site's age."""
    site.users.set_last_seen("2000-01-01 00:00:00")
    site.probe.snapshot()

    site.reset()

    begin = f"{datetime.now(UTC) - timedelta(minutes=1):%Y-%m-%d %H:%M:%S}"
    assert min(map(site.users.last_seen, ["susan", "john"])) > begin


def hashes(site: Site) -> list[str]:
    """Return the stored password hashes."""
    return [str(user["password_hash"]) for user in site.users.all()]


def test_members_are_taken_over(launch: Callable[..., Site]) -> None:
    """The members of one site are members of the next, with the same sessions."""
    first, site = launch(), launch()
    first.member("susan")
    susan = site.member("susan")

    assert susan.home().signed_in
    assert susan.username == "susan"
    assert site.visitor().sign_in("john").signed_in
    assert hashes(site) == hashes(first)  # registering again would change them


@pytest.mark.parametrize(
    ("key", "registers"),
    [("another key, not the usual", []), ("a secret of the harness", ["mary"])],
    ids=["other-key", "not-empty"],
)
def test_members_register(
    launch: Callable[..., Site], key: str, registers: list[str]
) -> None:
    """Members register on a site with another secret key or with earlier users."""
    first, site = launch(), launch(env={"SECRET_KEY": key})
    first.member("susan")
    for name in registers:
        site.visitor().register(name)
    susan = site.member("susan")

    assert susan.open(site.sitemap.edit_profile).value("Username") == "susan"
    assert site.users.names == [*registers, "susan", "john"]
    assert not set(hashes(site)) & set(hashes(first))


def test_members_with_other_keys(launch: Callable[..., Site]) -> None:
    """Members whose primary keys are already used are not taken over."""
    first, site = launch(), launch()
    first.member("susan")
    site.users.add(first.users.all()[0])
    site.users.remove("susan")

    with pytest.raises(NotStarted, match="primary keys are already used"):
        site.member("susan")


def test_site_without_the_probe(launch: Callable[..., Site]) -> None:
    """A site without the probe has none of its addresses."""
    visitor = launch(probed=False).visitor()

    assert visitor.home().status == 200
    assert visitor.open("/__probe__/raise").status == 404


def test_ended_shared_site(launcher: Launcher) -> None:
    """A shared site that has ended is started again when it is next asked for."""
    site = launcher.shared(mail=False, NOTE="it will end")
    site.kill()

    again = launcher.shared(mail=False, NOTE="it will end")

    assert again is not site
    assert again.visitor().home().status == 200


@pytest.fixture(scope="module")
def broken_site(launcher: Launcher) -> Iterator[Site]:
    """A site that sends no mails and has lost its table of users."""
    with (
        Mailbox() as mailbox,
        launcher.launch(mail=mailbox, env={"MAIL_SERVER": ""}) as site,
    ):
        site.probe.sql('ALTER TABLE "user" RENAME TO "people"')
        yield site


@pytest.mark.xdist_group("broken-site")
def test_missing_mail(broken_site: Site) -> None:
    """Each wait for the mails of our own microblog lasts until its deadline."""
    for within in (0.01, 0.02):
        with pytest.raises(DeadlineExceeded, match=f"no mail came within {within} s"):
            broken_site.mails(within)


def test_missing_mail_of_another_target(tmp_path: Path, scripted: ScriptedSite) -> None:
    """A target that did not mail an error is not waited for again."""
    scripted.answer("/__probe__/control", '{"result": null}', method="POST")
    site = Site(Workplace(Target(tmp_path), tmp_path), flask_server(), env={})
    site.url = scripted.url

    with Mailbox() as site.mailbox:
        with pytest.raises(DeadlineExceeded, match=r"within 0\.01 s"):
            site.mails(within=0.01)
        with pytest.raises(DeadlineExceeded, match="nor did one of an earlier error"):
            site.mails(within=60)


@pytest.mark.xdist_group("broken-site")
def test_failed_sign_in(broken_site: Site) -> None:
    """The error about a member who cannot sign in shows the page."""
    with pytest.raises(NotStarted, match="susan cannot sign in: 500"):
        broken_site.member("susan")
