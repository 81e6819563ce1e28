"""Recognizing form fields by their names, labels and placeholders."""

import pytest

from tests.contract.fields import Fields
from tests.unit.contract.written import MAIL, NAME, PASSWORD, form


@pytest.mark.parametrize(
    ("control", "key"),
    [
        ("<input name=user_name>", "username"),
        ("<input name=nick placeholder=Nickname>", "username"),
        ("<label for=a>E-mail address</label><input id=a name=a>", "email"),
        ("<label for=a>Repeat password</label><input id=a name=a>", "password2"),
        ("<input type=password name=pwd>", "password"),
        ("<input name=password>", "password"),
        ("<input type=checkbox name=remember_me>", "remember"),
        ("<textarea name=bio></textarea>", "about_me"),
    ],
)
def test_fields(control: str, key: str) -> None:
    """A field is recognized by its name, its label or its placeholder."""
    assert Fields().gather(form(control)) == {key}


@pytest.mark.parametrize(
    "control",
    [
        *("<input type=hidden name=username>", "<input name=remember>", "<input>"),
        *("<input type=radio name=user_name>", "<select name=email></select>"),
    ],
)
def test_no_fields(control: str) -> None:
    """Hidden fields and fields of another type are not recognized."""
    assert Fields().gather(form(control)) == set()


def test_two_passwords() -> None:
    """The second password field is the repeated password under any name."""
    fields = Fields()

    fields.gather(form(PASSWORD, "<input type=password name=other>"))

    assert fields.names == {"password": ["password"], "password2": ["other"]}


@pytest.mark.parametrize(
    "again",
    [
        "<input name=confirm_email>",
        "<input type=email name=email2>",
        "<input type=email name=mail placeholder='Your e-mail'>",
        "<label for=a>Confirm your e-mail</label><input id=a name=confirm>",
    ],
)
def test_two_addresses(again: str) -> None:
    """The second e-mail field is the repeated address under any name."""
    assert Fields().gather(form(MAIL, again, PASSWORD)) == {
        *("email", "email2", "password")
    }


def test_one_address() -> None:
    """The only e-mail field is the address, even if its label mentions confirming."""
    label = "<label for=a>E-mail (you will confirm it)</label>"

    assert Fields().gather(form(f"{label}<input id=a name=a>")) == {"email"}


def test_names_are_gathered_once() -> None:
    """Names from several forms are kept in order, without duplicates."""
    fields = Fields()

    for names in ("email", "mail_email", "email"):
        fields.gather(form(f"<input name={names}>"))

    assert fields.names == {"email": ["email", "mail_email"]}


def test_further_fields() -> None:
    """Other required fields of a registration get a value by their type."""
    fields = Fields()

    fields.gather(
        form(
            *(NAME, "<input name=csrf_token value=x type=hidden>"),
            *("<input name=city>", "<input name=filled value=x>"),
            *("<input type=date name=born>", "<input type=checkbox name=terms>"),
            *("<textarea name=why></textarea>", "<select name=land></select>"),
            "<input type=color name=hue>",
        ),
        all_needed=True,
    )

    assert fields.extra == {
        **{"city": "Example", "born": "1990-01-01", "terms": True, "why": "Example"}
    }


def test_choices() -> None:
    """In a choice without a selection, the first real option is chosen."""
    chosen = "<input type=radio name=sort value={} {}>"
    options = "<option value=''>?</option><option disabled>x</option><option>{}"
    fields = Fields()

    fields.gather(
        form(
            *(chosen.format("a", ""), chosen.format("b", "")),
            *("<input type=radio name=kept value=a>",),
            *("<input type=radio name=kept value=b checked>",),
            f"<select name=land>{options.format('Portugal')}</select>",
            "<select name=tongue><option>German</select>",
        ),
        all_needed=True,
    )

    assert fields.extra == {"sort": True, "land": "Portugal"}


@pytest.mark.parametrize(
    "others",
    [
        ["<input name=name>", "<input name=username>"],
        ["<input name=nickname>", "<input name=user_name>"],
        ["<input name=name>", "<label for=a>Username</label><input id=a name=login>"],
    ],
)
@pytest.mark.parametrize("turn", [1, -1])
def test_name_and_username(others: list[str], turn: int) -> None:
    """Of several names, the field called "username" is the username."""
    fields = Fields()

    fields.gather(form(*others[::turn], MAIL, PASSWORD), all_needed=True)

    [exact] = fields.names["username"]
    assert exact in ("username", "user_name", "login")
    assert list(fields.extra.values()) == ["Example"]


def test_exact_name_first() -> None:
    """The exact name comes first, though another form has only a field "name"."""
    fields = Fields()

    fields.gather(form("<input name=name>"))
    fields.gather(form("<input name=name>", "<input name=username>"))

    assert fields.names["username"] == ["username", "name"]
