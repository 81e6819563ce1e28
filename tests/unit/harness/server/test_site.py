"""What a site says that was not started, and when nothing comes of its errors."""

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
    """Make a site that is not started, of which this or that was found out."""

    def make(**found: Any) -> Site:
        workplace = Workplace(Target(tmp_path, **found), tmp_path / "site")
        return Site(workplace, flask_server(), env={})

    return make


def test_not_started(make: Callable[..., Site]) -> None:
    """A site that was not started says so when it is asked for its process."""
    site = make()

    with pytest.raises(NotStarted, match="was not started"):
        _ = site.output
    assert not site.running


def test_no_mailbox(make: Callable[..., Site]) -> None:
    """A site without a mailbox cannot tell its mails."""
    site = make()
    with pytest.raises(NotStarted, match="does not start with MAIL_SERVER set"):
        site.mails()

    own = replace(site, workplace=Workplace(Target.own(), site.folder))
    with pytest.raises(ValueError, match="a site without a mailbox"):
        own.mails()


def test_nothing_is_mailed(make: Callable[..., Site]) -> None:
    """A target that was seen to mail nothing offers no mail to judge."""
    with pytest.raises(NotOffered, match="no error is mailed"):
        make(mails=False).require_mail()


def test_nothing_is_logged(make: Callable[..., Site]) -> None:
    """A target that was seen to keep no log offers no log to judge."""
    with pytest.raises(NotOffered, match="no log file is written"):
        make(log=LogLocation(written=False)).require_log()


def test_something_is_mailed_and_logged(make: Callable[..., Site]) -> None:
    """A target that mails and logs may be judged by both."""
    site = make()

    site.require_mail()
    site.require_log()


def test_nobody_is_alarmed(make: Callable[..., Site]) -> None:
    """Where nothing is mailed and nothing logged, nobody is told of errors."""
    assert make(mails=False, log=LogLocation(written=False)).reported_errors() == []
