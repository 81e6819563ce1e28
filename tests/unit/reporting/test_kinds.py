"""Which errors are of one kind."""

import re

import pytest

from app.reporting import storm
from app.reporting.message import compose
from app.reporting.outbox import Parcel
from app.reporting.storm import kind_of
from tests.unit.reporting.conftest import Record


def fail(address: str) -> Exception:
    """An exception from within the application's own code."""
    with pytest.raises(UnicodeError) as failure:
        compose(Parcel(""), address, [])
    return failure.value


def test_kind_of_a_message(record: Record) -> None:
    """Records without an exception are identical when logged by the same line."""
    assert kind_of(record("a", line=7)) == kind_of(record("b", line=7))
    assert kind_of(record("a", line=7)) != kind_of(record("a", line=8))


def test_kind_without_an_exception(record: Record) -> None:
    """A record that reports "no exception" counts as one without."""
    empty = record()
    empty.exc_info = (None, None, None)

    assert kind_of(empty) == "/srv/app/posts.py:7"


def test_kind_of_exception_type(record: Record) -> None:
    """Two exceptions of different types are different, in the same place, too."""
    kinds = {kind_of(record(error=error())) for error in (ValueError, KeyError)}

    assert len(kinds) == 2


def test_kind_is_not_the_exception_text(record: Record) -> None:
    """What an exception says makes no difference."""
    kinds = {kind_of(record(error=ValueError(text))) for text in "ab"}

    assert len(kinds) == 1


def test_place_in_the_application(record: Record) -> None:
    """An exception from below the application counts as from its own innermost line."""
    error = fail("a" * 99)
    kind = kind_of(record(error=error))

    assert kind.startswith(f"{type(error).__name__} {compose.__code__.co_filename}:")


def test_place_elsewhere(record: Record) -> None:
    """An exception that never was in the application counts from its innermost line."""
    kind = kind_of(record(error=ValueError()))

    assert re.fullmatch(r"ValueError .*conftest\.py:\d+", kind)


def test_exception_never_raised(record: Record) -> None:
    """An exception that was only made counts as from the line that logged it."""
    made = record()
    made.exc_info = (ValueError, ValueError(), None)

    assert kind_of(made) == "ValueError /srv/app/posts.py:7"


def test_application_folder() -> None:
    """The application's own code is the package that holds reporting."""
    assert storm.__file__.startswith(storm._APPLICATION)
