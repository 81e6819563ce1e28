"""What goes wrong while a target is looked at, turned into the one message."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import requests

from tests.contract.unusable import unusable
from tests.contract.words import last_line
from tests.harness.capabilities import NotOffered
from tests.harness.server.service import Service
from tests.harness.waiting import DeadlineExceeded, eventually

#: Seconds in which a site ends that has broken off its last answer.
ENDS_WITHIN = 1.0


def has_ended(site: Service, within: float) -> bool:
    """Tell whether a site that broke off an answer has ended, or is about to."""
    with suppress(DeadlineExceeded):
        eventually(lambda: not site.running, within=within)
    return not site.running


@contextmanager
def mishaps(site: Service, within: float = ENDS_WITHIN) -> Iterator[None]:
    """
    Walk through *site* in the block.

    :param within: how long to wait for its end if it breaks off an answer
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
        what = "broke off an answer"
        if has_ended(site, within):
            what = f"ended (exit status {site.process.status})"
        raise unusable(
            f"The target {what} while it was looked at.", site.output
        ) from None
    except (AssertionError, NotOffered) as error:
        raise unusable(
            f"The target could not be looked at: {last_line(str(error))}",
            site.output,
            "A profile can name what was not found: --target-profile.",
        ) from None
