"""How long a site is asked for its mails."""

from pathlib import Path

import pytest

from tests.harness.mail.mailbox import Mailbox
from tests.harness.server.service import flask_server
from tests.harness.server.site import Site
from tests.harness.target.target import Target
from tests.harness.target.workplace import Workplace
from tests.harness.waiting import DeadlineExceeded
from tests.integration.harness.http.scripted_site import Scripted


def test_second_mail_that_does_not_come(tmp_path: Path, scripted: Scripted) -> None:
    """Of a target that mailed nothing before no mail is awaited for long."""
    scripted.answer("/__probe__/control", '{"result": null}', method="POST")
    site = Site(Workplace(Target(tmp_path), tmp_path), flask_server(), env={})
    site.url = scripted.url

    with Mailbox() as site.mailbox:
        with pytest.raises(DeadlineExceeded, match=r"within 0\.01 s"):
            site.mails(within=0.01)
        with pytest.raises(DeadlineExceeded, match="nor did one of an earlier error"):
            site.mails(within=60)
