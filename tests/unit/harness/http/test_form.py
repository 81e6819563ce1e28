"""Forms of any implementation, and what a browser sends for them."""

import pytest

from tests.harness.http.form import FieldMissing
from tests.html import form

PROFILE = """
    <form action="../save" method="post">
      <input type="hidden" name="csrf_token" value="abc">
      <p><label for="name">User <b>name</b>: *</label>
         <input id="name" name="username" value="susan"></p>
      <p><label for="about">About me</label>
         <textarea id="about" name="about_me">\n&lt;3\nme</textarea></p>
      <p><label for="stay">Remember Me</label>
         <input type="checkbox" id="stay" name="remember_me" value="y"></p>
      <input type="submit" name="submit" value="Save">
    </form>
"""
SENT = {
    "csrf_token": "abc",
    "username": "susan",
    "about_me": "<3\nme",
    "submit": "Save",
}


@pytest.mark.parametrize(
    ("html", "action", "method"),
    [
        pytest.param(PROFILE, "http://127.0.0.1/save", "POST", id="given"),
        pytest.param("<form></form>", "http://127.0.0.1/here", "GET", id="default"),
    ],
)
def test_action(html: str, action: str, method: str) -> None:
    """A form is sent to its action, by default to its page as a GET."""
    found = form(html)

    assert (found.action, found.method) == (action, method)


@pytest.mark.parametrize(
    ("typed", "changed"),
    [
        ({}, {}),
        ({"User name": "john"}, {"username": "john"}),
        ({"user NAME": "john"}, {"username": "john"}),
        ({"username": "john"}, {"username": "john"}),
        ({"username": None}, {}),
        ({"remember_me": True}, {"remember_me": "y"}),
    ],
    ids=["untouched", "label", "case", "name", "none", "ticked"],
)
def test_values(typed: dict[str, str | bool | None], changed: dict[str, str]) -> None:
    """All fields are sent as they were served, except those that are filled in."""
    assert dict(form(PROFILE).values(**typed)) == {**SENT, **changed}


def test_unticked_box() -> None:
    """A box that is unticked is not sent."""
    found = form('<form><input type="checkbox" name="a" checked></form>')

    assert found.values() == [("a", "on")]
    assert found.values(a=False) == []


def test_field_by_type() -> None:
    """A field without a fitting label or name is found by its type."""
    found = form('<form><input type="password" name="secret" value="x"></form>')

    assert found.value("password") == "x"


def test_label_without_a_field() -> None:
    """A label that belongs to no field does not hide a field of that name."""
    found = form('<form><label for="no">a</label><input name="a" value="x"></form>')

    assert found.value("a") == "x"


def test_label_of_a_list() -> None:
    """A choice is found where its label names the list, as in WTForms before 3.3."""
    choices = form(
        '<form><label for="tone">Tone</label><ul id="tone">'
        '<li><input type="radio" name="tone" value="formal"></li>'
        '<li><input type="radio" name="tone" value="plain"></li></ul></form>'
    )

    assert choices.values(tone=True) == [("tone", "formal")]


def test_missing_field() -> None:
    """The error about a missing field lists the fields of the form."""
    with pytest.raises(FieldMissing, match=r"no field 'email'; labels: \['About me'"):
        form(PROFILE).control("email")


@pytest.mark.parametrize(
    ("html", "sent"),
    [
        pytest.param('<input name="a" disabled value="1">', [], id="disabled"),
        pytest.param('<input value="1">', [], id="nameless"),
        pytest.param('<input name="a">', [("a", "")], id="empty"),
        pytest.param('<input type="button" name="a" value="1">', [], id="button"),
        pytest.param('<input type="radio" name="a" value="1">', [], id="radio"),
        pytest.param(
            "<textarea name='a'>\r\n\nx</textarea>", [("a", "\nx")], id="text"
        ),
        pytest.param("<select name='a'></select>", [], id="no-options"),
        pytest.param(
            "<select name='a'><option>one</option><option value='2'>2</option>"
            "</select>",
            [("a", "one")],
            id="first-option",
        ),
        pytest.param(
            "<select name='a'><option>one</option><option value='2' selected></option>"
            "</select>",
            [("a", "2")],
            id="selected-option",
        ),
    ],
)
def test_served_values(html: str, sent: list[tuple[str, str]]) -> None:
    """An untouched field is sent as a browser sends it."""
    assert form(f"<form>{html}</form>").values() == sent


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param('<input type="submit" value="Save">', "Save", id="input"),
        pytest.param("<button>Sign <i>Out</i></button>", "Sign Out", id="button"),
        pytest.param('<button type="button">No</button>', "", id="no-submit"),
        pytest.param("<input>", "", id="none"),
    ],
)
def test_button(html: str, text: str) -> None:
    """The text of a form's button is read from either kind of element."""
    assert form(f"<form>{html}</form>").button == text


@pytest.mark.parametrize(
    "html",
    [
        pytest.param(
            '<p><label>Name</label><input name="a"><br>'
            '<span style="color: red;">[Taken.]</span></p><p><input name="b"></p>',
            id="tutorial",
        ),
        pytest.param(
            '<div><input name="a"><ul class="errors"><li>Taken.</li></ul></div>'
            '<div><input name="b"><p class="error">Other.</p></div>',
            id="list",
        ),
        pytest.param(
            '<div><input name="a" aria-errormessage="e"></div><input name="b">'
            '<p id="e">Taken.</p>',
            id="described",
        ),
        pytest.param(
            '<div><input name="a" class="is-invalid" aria-errormessage="e gone">'
            '<p id="e" class="invalid-feedback">Taken.</p></div><input name="b">',
            id="once",
        ),
    ],
)
def test_errors(html: str) -> None:
    """A field's error messages are found however they are marked, each once."""
    found = form(f"<form>{html}</form>")

    assert found.errors("a") == ["Taken."]


def test_no_token() -> None:
    """The CSRF token of a form without one is empty."""
    assert form("<form><input name='a' value='b'></form>").token == ""
