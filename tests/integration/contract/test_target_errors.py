"""Errors while a target is explored."""

from types import SimpleNamespace
from typing import Any

import pytest
import requests

from tests.contract.target_errors import (
    CannotBeJudged,
    RegistrationFailed,
    explaining_errors,
)
from tests.harness.capabilities import NotOffered
from tests.harness.http.form import FieldMissing
from tests.harness.probe.client import AnsweredRequest, ProbeError, RaisedException


@pytest.mark.parametrize(
    ("error", "status", "pattern"),
    [
        (requests.ReadTimeout(), None, "The target hangs: it does not answer"),
        (requests.ConnectionError(), 3, r"The target ended \(exit status 3\) while"),
        (requests.ConnectionError(), None, "The target did not complete a response"),
        (ProbeError("it\nno such table"), None, "explored: no such table"),
        (FieldMissing("no form"), None, "explored: no form"),
        (NotOffered("no page to register"), None, "explored: no page to register"),
    ],
)
def test_reported(
    site: Any, error: Exception, status: int | None, pattern: str
) -> None:
    """A target that hangs, ends or misbehaves is reported with its last output."""
    site.process.status = status

    with (
        pytest.raises(CannotBeJudged, match=pattern) as raised,
        explaining_errors(site, 0.01),
    ):
        raise error

    assert "ValueError: its last words" in str(raised.value)


def failing(kind: str, message: str) -> AnsweredRequest:
    """Return a request in which the target's own code raised an exception."""
    frame = ("/nowhere/target/app/routes.py", 3, "register", "form.validate()")
    error = RaisedException(kind, message, (frame,))
    return AnsweredRequest(1.0, "POST /register", "500 OH", (), (error,))


@pytest.mark.parametrize(
    "error", [AssertionError("no form"), CannotBeJudged("Does it ask for a captcha?")]
)
def test_request_that_failed(site: Any, error: Exception) -> None:
    """The message has the exception of the target's own code, whatever followed."""
    site.workplace = SimpleNamespace(target=SimpleNamespace(python="/venv/python"))
    message = "Install 'email_validator' for email validation support."
    site.probe.requests = [failing("Exception", message)]

    with pytest.raises(CannotBeJudged) as raised, explaining_errors(site):
        raise error

    assert str(raised.value).splitlines() == [
        f"POST /register answers 500: Exception: {message.rstrip('.')}",
        "    app/routes.py:3  form.validate()",
        "WTForms needs the package email-validator. Install it in the target's "
        "environment: /venv/python -m pip install email-validator",
    ]


def test_reason_that_is_known(site: Any) -> None:
    """An error with a reason of its own keeps its message."""
    with pytest.raises(CannotBeJudged, match=r"^It hangs$"), explaining_errors(site):
        raise CannotBeJudged("It hangs")


def test_registration_that_failed(site: Any) -> None:
    """A failed registration has the evidence from the site."""
    site.probe.requests = [failing("KeyError", "'x'")]

    with (
        pytest.raises(RegistrationFailed, match="nobody") as raised,
        explaining_errors(site),
    ):
        raise RegistrationFailed("accounts.register", "nobody")

    assert [each.place for each in raised.value.evidence][:1] == ["app/routes.py:3"]
