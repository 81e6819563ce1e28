"""How a test ended, as the verdict on its behaviour has it."""

from pathlib import Path
from typing import Any

import pytest
import requests

from tests.contract import verdicts, words
from tests.contract.target_errors import (
    ENDS_WITHIN,
    cannot_be_judged,
    has_ended,
    last_words,
)
from tests.harness.capabilities import NotOffered
from tests.harness.http.form import FieldMissing
from tests.harness.http.page import LinkMissing
from tests.harness.probe.client import ProbeError
from tests.harness.server.launcher import Launcher
from tests.harness.server.process import ProcessEnded
from tests.harness.server.service import NotStarted
from tests.harness.server.site import Site

#: What the harness itself was at a loss with.
AT_A_LOSS = (FieldMissing, LinkMissing, ProbeError)
#: Said of a failure where nothing but debug mode starts: that may be all its cause.
MAKESHIFT = "(seen in debug mode: it does not start outside it)"


def ending(
    item: pytest.Item,
    call: pytest.CallInfo[None],
    compared: tuple[str, Any, Any] | None,
    within: float = ENDS_WITHIN,
) -> dict[str, str]:
    """
    Return outcome, and reason or expected and actual, of a part of a test.

    :param compared: operator, left and right value of the comparison that failed
    :param within: how long to wait for the end of a target that broke off an answer
    :raise CannotBeJudged: the target has ended in the middle
    """
    if call.excinfo is None:
        return {"outcome": verdicts.PASSED}
    error = call.excinfo.value
    site = site_of(item)
    if isinstance(error, NotOffered):
        return {"outcome": verdicts.NOT_OFFERED, "reason": str(error)}
    broke_off = isinstance(error, requests.ConnectionError)
    if broke_off and site and has_ended(site, within):
        raise cannot_be_judged(
            "The target ended in the middle of a request (exit status "
            f"{site.process.status}), while it was judged: {item.name}.",
            site.output,
        )
    said = _said(error, call.excinfo, compared, site)
    if said["outcome"] == verdicts.FAILED and _makeshift(item):
        said["actual"] += f"\n{MAKESHIFT}"
    return said


def _said(
    error: BaseException,
    failure: pytest.ExceptionInfo[BaseException],
    compared: tuple[str, Any, Any] | None,
    site: Site | None,
) -> dict[str, str]:
    """Return what an error says of the target, or of the harness."""
    if isinstance(error, requests.Timeout):
        return _failed("an answer", "none came within 20 s")
    if isinstance(error, NotStarted | ProcessEnded):
        what, _, said = str(error).partition("\n")
        told = f"{what}\n{last_words(said)}"
        return _failed("that it starts like this", told.rstrip())
    counted = isinstance(error, ValueError) and "to unpack" in str(error)
    judged = counted or isinstance(error, AssertionError | pytest.fail.Exception)
    if isinstance(error, AT_A_LOSS) or not judged:
        return {
            "outcome": verdicts.BROKEN,
            "reason": f"{type(error).__name__}: {words.last_line(str(error))}",
        }
    expected, actual = words.explained(_statement(failure), compared, str(error))
    told = words.last_error(site.output) if site and "500" in actual else ""
    return _failed(expected, f"{actual}; its output: {told}" if told else actual)


def _failed(expected: str, actual: str) -> dict[str, str]:
    return {"outcome": verdicts.FAILED, "expected": expected, "actual": actual}


def _statement(failure: pytest.ExceptionInfo[BaseException]) -> str:
    """Return the statement that failed: the last one that is a test's own."""
    entries = list(failure.traceback)
    own = [entry for entry in entries if Path(entry.path).name.startswith("test_")]
    return str((own or entries)[-1].statement)


def _makeshift(item: pytest.Item) -> bool:
    """Tell whether a test got a site in debug mode, for want of another that starts."""
    site = getattr(item, "funcargs", {}).get("site")
    return isinstance(site, Site) and "FLASK_DEBUG" in site.env


def site_of(item: pytest.Item) -> Site | None:
    """Return the site that a test was given."""
    values = getattr(item, "funcargs", {}).values()
    return next((value for value in values if isinstance(value, Site)), None)


def sites_of(item: pytest.Item, since: float) -> list[Site]:
    """Return the sites that a test used, which began at *since*."""
    values = list(getattr(item, "funcargs", {}).values())
    values += [getattr(value, "site", None) for value in values]
    sites = [value for value in values if isinstance(value, Site)]
    for launcher in values:
        if isinstance(launcher, Launcher):
            sites += [site for moment, site in launcher.recent if moment >= since]
    return list({id(site): site for site in sites}.values())
