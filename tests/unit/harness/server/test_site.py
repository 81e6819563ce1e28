"""A site that was not started, and sites of targets that lack mail or a log."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.harness.capabilities import NotOffered
from tests.harness.logs.records import LogLocation
from tests.harness.server.service import NotStarted, flask_server
from tests.harness.server.site import Site
from tests.harness.target.target import Target
from tests.harness.target.workplace import Workplace


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Site]:
    """Return a site that is not started, of a target with these attributes."""

    def make(**found: Any) -> Site:
        workplace = Workplace(Target(tmp_path, **found), tmp_path / "site")
        return Site(workplace, flask_server(), env={})

    return make


def test_site_that_was_not_started(make: Callable[..., Site]) -> None:
    """A site that was not started does not run and has no output."""
    site = make()

    with pytest.raises(NotStarted, match="was not started"):
        _ = site.output
    assert not site.running


def test_site_without_a_mailbox(make: Callable[..., Site]) -> None:
    """Asking a site without a mailbox for its mails is an error."""
    site = make()
    with pytest.raises(NotStarted, match="does not start with MAIL_SERVER set"):
        site.mails()

    own = replace(site, workplace=Workplace(Target.own(), site.folder))
    with pytest.raises(ValueError, match="a site without a mailbox"):
        own.mails()


def test_target_without_mails(make: Callable[..., Site]) -> None:
    """A target that does not mail errors offers no mails to judge."""
    with pytest.raises(NotOffered, match="no error is mailed"):
        make(mails=False).require_mail()


def test_target_without_a_log(make: Callable[..., Site]) -> None:
    """A target that does not write a log offers no log to judge."""
    with pytest.raises(NotOffered, match="no log file is written"):
        make(log=LogLocation(written=False)).require_log()


def test_no_reported_errors(make: Callable[..., Site]) -> None:
    """A target without mails and without a log reports no errors."""
    assert make(mails=False, log=LogLocation(written=False)).reported_errors() == []
