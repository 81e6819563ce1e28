"""Every mode of start: debug mode off and on, with and without a mail server."""

from collections.abc import Callable

import pytest

from tests.harness.mail.mailbox import Mailbox
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.site import Site


@pytest.mark.parametrize(
    ("debug", "mail"),
    [
        pytest.param(False, False, marks=behaviour("start.plain"), id="plain"),
        pytest.param(False, True, marks=behaviour("start.mail"), id="mail"),
        pytest.param(
            True,
            False,
            marks=behaviour("start.debug"),
            id="debug",
        ),
        pytest.param(True, True, marks=behaviour("start.debug-mail"), id="debug-mail"),
    ],
)
def test_starts(launch: Callable[..., Site], debug: bool, mail: bool) -> None:
    """The microblog starts in each mode, and the home page answers 200."""
    arguments = ("--no-reload",) if debug else ()
    with Mailbox() as mailbox:
        site = launch(mail=mailbox if mail else None, debug=debug, arguments=arguments)

        page = site.visitor().home()
        assert page.status == 200, f"{page.answer}."
