"""The decorator that ties a test to the behaviour that it proves."""

import pytest

#: The chapter states it.
MUST = "MUST"
#: Production needs it beyond the chapter.
SHOULD = "SHOULD"

#: On a test, or as a module's ``pytestmark``: it judges what only our own microblog
#: offers, such as settings and commands, and is not part of a contract run.
own_only = pytest.mark.own_only

#: On a test: it judges a wording or a name that the chapter chose. Where it does not
#: hold, another implementation differs, and does not fail.
wording = pytest.mark.wording


def behaviour(identity: str, level: str, *, source: str = "") -> pytest.MarkDecorator:
    """Return a decorator that ties a test to a behaviour of the catalogue.

    Several tests may prove one behaviour, and one test may prove several behaviours
    that cannot be distinguished.

    Args:
        identity: ``area.slug``.
        level: `MUST` or `SHOULD`.
        source: The section of the chapter, or another source of the requirement.
    """
    if level not in (MUST, SHOULD):
        raise ValueError(f"{identity}: the level is MUST or SHOULD, not {level!r}")
    area, _, slug = identity.partition(".")
    if not (area and slug):
        raise ValueError(f"{identity!r} is not of the form area.slug")
    return pytest.mark.behaviour(identity, level, source=source)


def behaviours(item: pytest.Item) -> list[tuple[str, str, str]]:
    """Return identity, level and source of each behaviour of a test, in order."""
    marks = reversed(list(item.iter_markers("behaviour")))
    return [(*mark.args, mark.kwargs["source"]) for mark in marks]
