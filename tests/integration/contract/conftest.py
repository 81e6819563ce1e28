"""The stand-in for a started target."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.contract.standing import standing


@pytest.fixture
def site() -> Iterator[Any]:
    """A site that stands in for a started target."""
    with standing() as site:
        yield site
