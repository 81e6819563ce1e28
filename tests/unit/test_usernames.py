"""Valid usernames, and when two of them are the same."""

import unicodedata
from typing import Literal

import pytest
from flask import Flask, url_for
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import escape
from sqlalchemy import delete

from app.extensions import db
from app.models import User
from app.usernames import USERNAME_LENGTH, is_username, username_key
from tests.harness.plugin.behaviour import behaviour

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
FORMS: list[Form] = ["NFC", "NFD", "NFKC", "NFKD"]


#: Whatever can be had as a name; the signs that have a meaning in an address are often.
names = (
    st.text(st.sampled_from("./\\%?#&;=+~ aｅ") | st.characters(), min_size=1)
    .map(str.strip)
    .filter(is_username)
)


@behaviour("edit-profile.same-name-other-spelling")
@pytest.mark.parametrize(
    "spelling",
    [
        *("Susan", "SUSAN", " susan", "susan ", "ｓusan", "ſusan", "𝐬𝐮𝐬𝐚𝐧"),
        *("su\u034fsan", "susan\ufe0f", "\u3164susan", "susan\u2800"),
    ],
    ids=[
        *("capital", "capitals", "before", "behind", "wide", "long-s", "bold"),
        *("joined", "variant", "filled", "empty-braille"),
    ],
)
def test_spellings_of_one_name(spelling: str) -> None:
    """Case, outer whitespace and compatibility forms make no difference."""
    assert username_key(spelling) == "susan"


#: The first and last of each range of code points that are not displayed.
IGNORED = [
    *(0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, 0x2065),
    *(0xFE00, 0xFE0F, 0xFFF0, 0xFFF8, 0xE0000, 0xE0FFF),
]


@behaviour("edit-profile.same-name-other-spelling")
@pytest.mark.parametrize("code", IGNORED, ids=hex)
def test_ignorable_code_points(code: int) -> None:
    """A code point that is not displayed makes no other name."""
    assert username_key(f"su{chr(code)}san") == "susan"


@pytest.mark.parametrize(
    "code", [0xFDFF, 0xFE10, 0xFFEF, 0xFFF9, 0xDFFFF, 0xE1000], ids=hex
)
def test_neighbours_of_ignorable_code_points(code: int) -> None:
    """The code points next to the ignorable ones make another name."""
    assert username_key(f"su{chr(code)}san") != "susan"


@behaviour("edit-profile.same-name-other-spelling")
@pytest.mark.parametrize("between", [" \t ", "\u2800"], ids=["run", "empty-braille"])
def test_blanks_inside_count_once(between: str) -> None:
    """Whitespace inside a name, or what looks like it, counts as one space."""
    assert username_key(f"Ada{between}Lovelace") == "ada lovelace"


@behaviour("edit-profile.name-limits")
@pytest.mark.parametrize(
    "name", ["\u3164", "\u115f", "\u2800", "\ufe0f", "\u034f", "\U000e0100", "\u180b"]
)
def test_invisible_name(name: str) -> None:
    """A name without visible characters is invalid."""
    assert not is_username(name)
    assert is_username(f"a{name}")


@given(st.text())
def test_key_is_stable(name: str) -> None:
    """The key of a key is the key itself."""
    assert username_key(username_key(name)) == username_key(name)


@given(st.text(), st.sampled_from(FORMS))
def test_key_ignores_normalisation(name: str, form: Form) -> None:
    """All Unicode normalization forms of a name have the same key."""
    assert username_key(unicodedata.normalize(form, name)) == username_key(name)


@behaviour("edit-profile.name-limits")
@pytest.mark.parametrize("length", [1, USERNAME_LENGTH])
def test_name_lengths(length: int) -> None:
    """A name of 1 to 64 characters is valid."""
    assert is_username("x" * length)


@behaviour("edit-profile.name-limits")
@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "x" * (USERNAME_LENGTH + 1), "ﷺ" * 4, ".", "..", "․․"),
        "x" + "\u034f" * USERNAME_LENGTH,  # its key is short
        *(
            "a/b",
            "a／b",
            "a\0b",
            "a\nb",
            "a\u202eb",
            "a\u200bb",
            "a\ud800b",
            "a\u0378",
            "a\ue000",
            "a\u2028b",
            "a\u2029b",
            "a\ufffd",
        ),
    ],
    ids=[
        *("empty", "blank", "too-long", "key-too-long", "dot", "dots", "wide-dots"),
        "too-long-unseen",
        *(
            "slash",
            "wide-slash",
            "nul",
            "line",
            "turned",
            "unseen",
            "surrogate",
            "unassigned",
            "private",
            "line-separator",
            "paragraph-separator",
            "replacement",
        ),
    ],
)
def test_impossible_names(name: str) -> None:
    """A name that a column, a page or a URL cannot hold is invalid."""
    assert not is_username(name)


@behaviour("profile.any-name-reachable")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=names)
def test_every_name_has_a_profile(own_app: Flask, name: str) -> None:
    """The profile address of every valid name leads back to that name."""
    with own_app.test_request_context():
        db.session.execute(delete(User))
        user = User(username=name, email="ada@example.com", password_hash="!")
        db.session.add(user)
        db.session.commit()
        signed_in = user.get_id()
        address = url_for("accounts.profile", username=name)
    browser = own_app.test_client()
    with browser.session_transaction() as session:
        session["_user_id"] = signed_in

    page = browser.get(address)

    assert page.status_code == 200
    assert escape(name) in page.text


@given(st.text(max_size=USERNAME_LENGTH))
def test_keys_fit_the_column(name: str) -> None:
    """The key of a name is no longer than its column."""
    assert not is_username(name) or 1 <= len(username_key(name)) <= USERNAME_LENGTH
