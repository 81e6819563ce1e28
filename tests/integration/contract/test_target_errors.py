"""What goes wrong while a target is looked at."""

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
from tests.harness.probe.client import ProbeError


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (requests.ReadTimeout(), None, "The target hangs: it does not answer"),
        (requests.ConnectionError(), 3, r"The target ended \(exit status 3\) while"),
        (requests.ConnectionError(), None, "The target broke off an answer while"),
        (ProbeError("it\nno such table"), None, "looked at: no such table"),
        (FieldMissing("no form"), None, "looked at: no form"),
        (NotOffered("no page to register"), None, "looked at: no page to register"),
    ],
)
def test_told(site: Any, error: Exception, status: int | None, told: str) -> None:
    """A target that hangs, ends or is strange is told so, with its last words."""
    site.process.status = status

    with (
        pytest.raises(CannotBeJudged, match=told) as message,
        explaining_errors(site, 0.01),
    ):
        raise error

    assert "ValueError: its last words" in str(message.value)


def test_what_is_told_already(site: Any) -> None:
    """What has its message already keeps it."""
    with (
        pytest.raises(RegistrationFailed, match="nobody"),
        explaining_errors(site),
    ):
        raise RegistrationFailed("accounts.register", "nobody")
