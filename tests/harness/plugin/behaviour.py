"""Ties a test to the behaviours that it proves."""

import pytest

from tests.harness.plugin.catalogue import Behaviour, find

#: On a test, or as a module's ``pytestmark``: it judges what our own microblog alone
#: offers (wording, settings, commands), and is not part of a contract run.
own_only = pytest.mark.own_only

#: On a test: it judges a wording or a name that the chapter chose. Where it does not
#: hold, another implementation differs, and does not fail.
wording = pytest.mark.wording


def behaviour(identity: str) -> pytest.MarkDecorator:
    """Return the mark of a test that proves a behaviour of the catalogue.

    Several tests may prove one behaviour, each in another case; one test may prove
    several behaviours that cannot be distinguished.

    Raises:
        UnknownBehaviour: The catalogue has no such id.
    """
    return pytest.mark.behaviour(find(identity).identity)


def behaviours(item: pytest.Item) -> list[Behaviour]:
    """Return the behaviours that *item* proves, in the order of its decorators."""
    marks = reversed(list(item.iter_markers("behaviour")))
    return [find(*mark.args) for mark in marks]
