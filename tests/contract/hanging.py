"""Ends the run on a target that has begun to hang: each request would cost 20 s."""

import requests

from tests.contract.unusable import unusable
from tests.harness.server.site import Site

#: So many tests in a row may wait for an answer in vain.
MOST = 3


class Patience:
    """Counts the tests in a row that got no answer."""

    def __init__(self) -> None:
        self._waited = 0

    def heed(self, error: BaseException | None, site: Site | None, name: str) -> None:
        """
        Hear how the test *name* ended.

        :raise Unusable: it is one too many that got no answer
        """
        self._waited = self._waited + 1 if isinstance(error, requests.Timeout) else 0
        if self._waited == MOST:
            raise unusable(
                f"The target hangs: {MOST} tests in a row got no answer within 20 s, "
                f"the last one was {name}.",
                site.output if site else "",
                "Does it wait for another server, for a lock, or for ever?",
            )
