"""The scripted target."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.contract.scripted_target import scripted_target


@pytest.fixture
def site() -> Iterator[Any]:
    """A started target with scripted pages."""
    with scripted_target() as site:
        yield site
