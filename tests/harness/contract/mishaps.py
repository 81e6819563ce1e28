"""What goes wrong while a target is looked at, turned into the one message."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests

from tests.harness.contract.unusable import unusable
from tests.harness.contract.words import last_line
from tests.harness.offered import NotOffered
from tests.harness.service import Service


@contextmanager
def mishaps(site: Service) -> Iterator[None]:
    """
    Walk through *site* in the block.

    :raise Unusable: it hangs, has ended, or is not what the harness can walk through
    """
    try:
        yield
    except requests.Timeout:
        raise unusable(
            "The target hangs: it does not answer within 20 s.",
            site.output,
            "Does it wait for another server?",
        ) from None
    except requests.RequestException:
        status = site.process.status
        what = "broke off an answer" if status is None else "ended"
        told = "" if status is None else f" (exit status {status})"
        raise unusable(
            f"The target {what}{told} while it was looked at.", site.output
        ) from None
    except (AssertionError, NotOffered) as error:
        raise unusable(
            f"The target could not be looked at: {last_line(str(error))}",
            site.output,
            "A profile can name what was not found: --target-profile.",
        ) from None
