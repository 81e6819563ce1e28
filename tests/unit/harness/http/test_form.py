"""A form as it was served, and what a browser sends back."""

import pytest

from tests.harness.http.form import FieldMissing
from tests.html import form

PROFILE = """
    <form action="/save" method="post">
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


def test_where_it_goes() -> None:
    """A form goes to its action as the page resolves it, by its method."""
    found = form('<form action="../save" method="post"></form>')

    assert (found.action, found.method) == ("http://127.0.0.1/save", "POST")


def test_where_it_goes_by_default() -> None:
    """A form without action and method goes back to its page, as a GET."""
    found = form("<form></form>")

    assert (found.action, found.method) == ("http://127.0.0.1/here", "GET")


def test_sent_back() -> None:
    """Every field is sent back as it was served: the token, the button, line breaks."""
    assert dict(form(PROFILE).values()) == SENT


@pytest.mark.parametrize("field", ["User name", "user NAME", "username"])
def test_typed(field: str) -> None:
    """A field is filled in by its label or its name, in any case of letters."""
    assert dict(form(PROFILE).values(**{field: "john"})) == {**SENT, "username": "john"}


def test_field_by_type() -> None:
    """A field without a label or a name that fits is found by its type."""
    found = form('<form><input type="password" name="secret" value="x"></form>')

    assert found.value("password") == "x"


def test_label_of_nothing() -> None:
    """A label whose field is not in the form does not hide a field of that name."""
    found = form('<form><label for="no">a</label><input name="a" value="x"></form>')

    assert found.value("a") == "x"


def test_label_of_a_list() -> None:
    """A choice is made where the label names the list, as WTForms before 3.3 has it."""
    choices = form(
        '<form><label for="tone">Tone</label><ul id="tone">'
        '<li><input type="radio" name="tone" value="formal"></li>'
        '<li><input type="radio" name="tone" value="plain"></li></ul></form>'
    )

    assert choices.values(tone=True) == [("tone", "formal")]


def test_left_as_served() -> None:
    """None leaves a field as it was served."""
    assert dict(form(PROFILE).values(username=None)) == SENT


def test_ticked() -> None:
    """A ticked box sends its value."""
    sent = dict(form(PROFILE).values(remember_me=True))

    assert sent == {**SENT, "remember_me": "y"}


def test_unticked() -> None:
    """A box that was served ticked and is unticked sends nothing."""
    found = form('<form><input type="checkbox" name="a" checked></form>')

    assert found.values() == [("a", "on")]
    assert found.values(a=False) == []


def test_missing_field() -> None:
    """A field that is not there is told with those that are."""
    with pytest.raises(FieldMissing, match=r"no field 'email'; labels: \['About me'"):
        form(PROFILE).control("email")


def test_has() -> None:
    """A form has the fields that can be found in it, and no others."""
    assert form(PROFILE).has("about_me")
    assert not form(PROFILE).has("email")


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
    """What is served in a field is what a browser would send."""
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
    """What is written on the button is read from it, "" if there is none."""
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
    """The messages at a field are its own, each once, whatever marks them."""
    assert form(f"<form>{html}</form>").errors("a") == ["Taken."]


def test_no_errors() -> None:
    """A field without a message has no errors."""
    assert form(PROFILE).errors("username") == []


def test_token() -> None:
    """The CSRF token is found by its name, "" if there is none."""
    assert form(PROFILE).token == "abc"
    assert form("<form><input name='a' value='b'></form>").token == ""
