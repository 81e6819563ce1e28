"""Ties a test to the behaviour that it proves."""

import pytest

#: The chapter states it.
MUST = "MUST"
#: Production needs it beyond the chapter.
SHOULD = "SHOULD"

#: On a test, or as a module's ``pytestmark``: it judges what our own microblog alone
#: offers (wording, settings, commands), and stays out of a contract run.
own_only = pytest.mark.own_only

#: On a test: it judges a wording or a name that the chapter chose. Where it does not
#: hold, another implementation differs, and does not fail.
wording = pytest.mark.wording


def behaviour(identity: str, level: str, *, source: str = "") -> pytest.MarkDecorator:
    """
    Say which behaviour of the catalogue a test proves.

    The statement is the first line of the test's docstring. Several tests may
    prove one behaviour; one test may prove several that cannot be told apart.

    :param identity: ``area.slug``
    :param level: :data:`MUST` or :data:`SHOULD`
    :param source: the section of the chapter, or another place that says so
    """
    if level not in (MUST, SHOULD):
        raise ValueError(f"{identity}: the level is MUST or SHOULD, not {level!r}")
    area, _, slug = identity.partition(".")
    if not (area and slug):
        raise ValueError(f"{identity!r} is not of the form area.slug")
    return pytest.mark.behaviour(identity, level, source=source)


def behaviours(item: pytest.Item) -> list[tuple[str, str, str]]:
    """Return identity, level and source of what *item* proves, as decorated."""
    marks = reversed(list(item.iter_markers("behaviour")))
    return [(*mark.args, mark.kwargs["source"]) for mark in marks]
