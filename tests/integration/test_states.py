"""After any sequence of actions the site agrees with a model of it."""

from itertools import product

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site
from tests.integration.state_machine import Microblog
from tests.integration.strategies import by_profile


@pytest.mark.slow
@pytest.mark.stored
@pytest.mark.timeout(3600)
@behaviour("accounts.login")
@behaviour("edit-profile.rename")
@behaviour("posts.paged")
@behaviour("errors.page-without-database")
def test_site_agrees_with_its_model(launcher: Launcher) -> None:
    """After any sequence of actions the site agrees with its model."""
    site = launcher.shared()

    class Served(Microblog):
        """The state machine on this site, reset before each sequence."""

        def __init__(self) -> None:
            super().__init__(site)

    run_state_machine_as_test(
        Served,
        settings=settings(
            max_examples=by_profile(quick=5, thorough=500),
            stateful_step_count=by_profile(quick=12, thorough=30),
            suppress_health_check=list(HealthCheck),
            deadline=None,
        ),
    )


SUSAN, JOHN, ANONYMOUS = range(3)


@behaviour("accounts.login")
@behaviour("errors.page-without-database")
def test_an_eventful_day(site: Site) -> None:
    """After a sequence with every action once the site agrees with its model."""
    day = Microblog(site)
    day.register(ANONYMOUS, "susan", "susan@example.com")
    day.register(ANONYMOUS, " ada ", "ada@example.com")
    day.sign_in(ANONYMOUS, "ＡＤＡ", right=False, remember=False)
    day.sign_in(ANONYMOUS, "ＡＤＡ", right=True, remember=True)
    day.edit_profile(ANONYMOUS, "John", "a name of another's")
    day.edit_profile(ANONYMOUS, "Grace Hopper", "a free name")
    day.write(ANONYMOUS, "a post")
    day.open_form(JOHN)
    day.sign_out(JOHN)
    day.send_old_form(JOHN, "of nobody")
    day.sign_in(JOHN, "ſusan", right=True, remember=False)
    day.send_old_form(JOHN, "of another")
    for number in range(20):
        day.write(SUSAN, f"post {number}")
    day.read_on(ANONYMOUS)
    day.profile(ANONYMOUS, "susan")
    day.profile(ANONYMOUS, "j")
    day.open_form(SUSAN)
    day.restart_browser(ANONYMOUS)
    day.restart_browser(JOHN)
    day.shows_signed_in_user()
    day.sign_out(ANONYMOUS)
    day.lose_database()
    day.shows_signed_in_user()
    day.open_without_database(ANONYMOUS, "/edit_profile")
    for number, path in product((SUSAN, JOHN), ("/", "/login", "/nope")):
        day.open_without_database(number, path)
    day.sign_in_without_database(ANONYMOUS, "susan")
    day.write_without_database(SUSAN, "does not arrive")
    day.restore_database()
    day.read_on(SUSAN)
    day.delete(SUSAN)
    day.shows_signed_in_user()
    day.lose_database()
    day.open_without_database(SUSAN, "/")
    day.teardown()
