"""Every way to start: debug mode off and on, with and without a mail server."""

from collections.abc import Callable

import pytest

from tests.harness.mail.mailbox import Mailbox
from tests.harness.plugin.behaviour import MUST, behaviour
from tests.harness.server.site import Site

CHAPTER = "Sending Errors by Email"


@pytest.mark.parametrize(
    ("debug", "mail"),
    [
        pytest.param(False, False, marks=behaviour("start.plain", MUST), id="plain"),
        pytest.param(
            False, True, marks=behaviour("start.mail", MUST, source=CHAPTER), id="mail"
        ),
        pytest.param(
            True,
            False,
            marks=behaviour("start.debug", MUST, source="Debug Mode"),
            id="debug",
        ),
        pytest.param(
            True, True, marks=behaviour("start.debug-mail", MUST), id="debug-mail"
        ),
    ],
)
def test_starts(launch: Callable[..., Site], debug: bool, mail: bool) -> None:
    """It starts in this mode, and answers."""
    arguments = ("--no-reload",) if debug else ()
    with Mailbox() as mailbox:
        site = launch(mail=mailbox if mail else None, debug=debug, arguments=arguments)

        page = site.visitor().home()
        assert page.status == 200, f"{page.answer}."
