"""The decorator that ties a test to a behaviour."""

import pytest

from tests.harness.plugin.behaviour import MUST, behaviour


def test_mark() -> None:
    """The decorator is a mark with identity, level and source."""
    mark = behaviour("mail.storm", MUST, source="Sending Errors by Email").mark

    assert (mark.name, mark.args, mark.kwargs) == (
        "behaviour",
        ("mail.storm", "MUST"),
        {"source": "Sending Errors by Email"},
    )


@pytest.mark.parametrize("level", ["must", "MAY", ""])
def test_unknown_level(level: str) -> None:
    """A level that is neither of the two is refused."""
    with pytest.raises(ValueError, match="the level is MUST or SHOULD"):
        behaviour("mail.storm", level)


@pytest.mark.parametrize("identity", ["mail", "mail.", ".storm", ""])
def test_identity_without_area_or_slug(identity: str) -> None:
    """An identity that is not an area, a dot and a slug is refused."""
    with pytest.raises(ValueError, match=r"not of the form area\.slug"):
        behaviour(identity, MUST)
