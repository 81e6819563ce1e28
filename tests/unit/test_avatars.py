"""The avatar made from a username."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.avatars import hue, initials
from tests.harness.plugin.behaviour import behaviour


@behaviour("profile.page")
@pytest.mark.parametrize(
    ("name", "letters"),
    [
        *(("susan", "S"), ("Ada Lovelace", "AL"), ("ada king lovelace", "AK")),
        *(("42", "4"), ("ß", "S"), ("Éva", "É"), ("\u0301", "?")),
    ],
    ids=["word", "two-words", "three-words", "digits", "growing", "accent", "mark"],
)
def test_initials(name: str, letters: str) -> None:
    """The initials are the first letters of the first two words, in capitals."""
    assert initials(name) == letters


@given(st.text())
def test_initials_of_any_name(name: str) -> None:
    """Every name has one or two initials."""
    assert 1 <= len(initials(name)) <= 2


@given(st.text(st.characters(codec="utf-8")))
def test_hue_of_any_name(name: str) -> None:
    """Every name has a constant hue on the colour wheel."""
    assert 0 <= hue(name) < 360
    assert hue(name) == hue(name)


def test_hue_of_a_name() -> None:
    """A name has the same hue in all processes and releases."""
    assert hue("susan") == 124
