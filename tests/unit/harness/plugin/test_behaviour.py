"""The mark that ties a test to a behaviour."""

import pytest

from tests.harness.plugin.behaviour import behaviour
from tests.harness.plugin.catalogue import UnknownBehaviour


def test_mark() -> None:
    """The decorator marks a test with the id of a behaviour."""
    mark = behaviour("mail.storm").mark

    assert (mark.name, mark.args) == ("behaviour", ("mail.storm",))


def test_mark_of_an_unknown_behaviour() -> None:
    """The decorator refuses an unknown id when the module is imported."""
    with pytest.raises(UnknownBehaviour, match=r"did you mean 'mail\.storm'\?"):
        behaviour("mail.storms")
