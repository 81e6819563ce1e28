"""The way from a test into a running site: questions to the probe, and its files."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests


class ProbeError(AssertionError):
    """The probe could not do what it was asked for."""


class Channel:
    """
    The line to the probe of one site.

    :param address: tells where the site is
    :param state: the folder that is shared with the probe in the process
    """

    def __init__(self, address: Callable[[], str], state: Path) -> None:
        self._address = address
        self._state = state

    def _do(self, action: str, **arguments: Any) -> Any:
        """Let the probe do *action*; return what comes of it, as JSON carries it."""
        return self._ask(action, arguments, within=30)

    def _ask(self, action: str, arguments: dict[str, Any], within: float) -> Any:
        answer = requests.post(
            f"{self._address()}/__probe__/control",
            data=json.dumps({"action": action, "with": arguments}).encode(),
            timeout=within,
        )
        if answer.status_code != 200:
            raise ProbeError(f"{action}{arguments}: {answer.text[-3000:]}")
        return answer.json()["result"]

    def answers(self, within: float) -> bool:
        """Tell whether the probe answers at all, *within* seconds."""
        with suppress(requests.ConnectionError, requests.Timeout):
            return bool(self._ask("ready", {}, within))
        return False
