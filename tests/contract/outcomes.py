"""Turns the end of a test into the outcome of a verdict."""

import re
from pathlib import Path

import pytest
import requests

from tests.contract.stack_traces import last_line
from tests.contract.target_errors import ENDS_WITHIN, cannot_be_judged, has_ended
from tests.contract.verdicts import BROKEN, FAILED, NOT_OFFERED, PASSED, sentence
from tests.harness.capabilities import NotOffered
from tests.harness.http.form import FieldMissing
from tests.harness.http.page import LinkMissing
from tests.harness.probe.client import ProbeError
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site

#: Failures of the harness, not of the target.
HARNESS_ERRORS = (FieldMissing, LinkMissing, ProbeError)
#: Added to a failure if the target starts only in debug mode, which may be the cause.
ONLY_IN_DEBUG_MODE = "(Seen in debug mode: it does not start outside it.)"


def ending(
    item: pytest.Item, call: pytest.CallInfo[None], within: float = ENDS_WITHIN
) -> dict[str, str]:
    """Return the outcome of a phase of a test, with what was seen or the reason.

    Args:
        item: The test.
        call: Its setup, its call or its teardown.
        within: Seconds to wait for the end of a target that broke a connection.

    Raises:
        CannotBeJudged: The target ended while it answered.
    """
    if call.excinfo is None:
        return {"outcome": PASSED}
    error = call.excinfo.value
    site = site_of(item)
    if isinstance(error, NotOffered):
        return {"outcome": NOT_OFFERED, "reason": str(error)}
    broke_off = isinstance(error, requests.ConnectionError)
    if broke_off and site and has_ended(site, within):
        raise cannot_be_judged(
            "The target ended in the middle of a request (exit status "
            f"{site.process.status}), while it was judged: {item.name}.",
            site.output,
        )
    judged = (AssertionError, pytest.fail.Exception, requests.Timeout)
    if isinstance(error, HARNESS_ERRORS) or not isinstance(error, judged):
        at = call.excinfo.traceback[-1]
        place = f"{Path(at.path).name}:{at.lineno + 1}"
        message = f"{type(error).__name__}: {last_line(str(error))} ({place})"
        return {"outcome": BROKEN, "reason": message}
    actual = in_words(error)
    if _only_in_debug_mode(item):
        actual += f" {ONLY_IN_DEBUG_MODE}"
    return {"outcome": FAILED, "actual": actual}


def in_words(error: BaseException) -> str:
    """Return what a failure says about the target, as a sentence."""
    if isinstance(error, requests.Timeout):
        return "No answer came within 20 s."
    # Later lines are the output of the target, which is evidence.
    first = str(error).strip().partition("\n")[0]
    text = re.sub(r"(.)\1{20,}", r"\1\1\1...", first)
    return sentence(text if text.endswith((".", "?", "!")) else f"{text}.")


def _only_in_debug_mode(item: pytest.Item) -> bool:
    """Return whether a test got a site in debug mode because no other one starts."""
    site = getattr(item, "funcargs", {}).get("site")
    return isinstance(site, Site) and "FLASK_DEBUG" in site.env


def site_of(item: pytest.Item) -> Site | None:
    """Return the site that a test was given."""
    values = getattr(item, "funcargs", {}).values()
    return next((value for value in values if isinstance(value, Site)), None)


def sites_of(item: pytest.Item, since: float) -> list[Site]:
    """Return the sites that a test has used since it began, at time.time() *since*."""
    values = list(getattr(item, "funcargs", {}).values())
    values += [getattr(value, "site", None) for value in values]
    sites = [value for value in values if isinstance(value, Site)]
    for launcher in values:
        if isinstance(launcher, Launcher):
            sites += [site for moment, site in launcher.recent if moment >= since]
    return list({id(site): site for site in sites}.values())
