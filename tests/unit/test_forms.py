"""The forms' validators, and commits that lose a race."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.forms import (
    EditProfileForm,
    LoginForm,
    PostForm,
    RegistrationForm,
    commit_or_form_error,
)
from app.models import User
from app.usernames import is_username, username_key
from tests.harness.plugin.behaviour import behaviour

PASSWORD = "correct horse battery"

pytestmark = pytest.mark.usefixtures("request_context")


def edit_form(original: str, **data: str) -> EditProfileForm:
    """Return the edit form of the user ``original`` as a browser submits it."""
    user = User(username=original)
    return EditProfileForm(user, formdata=MultiDict({"about_me": ""} | data))


def registration(**data: str) -> RegistrationForm:
    """Return a complete registration with some fields replaced."""
    complete = {
        "username": "susan",
        "email": "susan@example.com",
        "password": PASSWORD,
        "password2": data.get("password", PASSWORD),
    }
    return RegistrationForm(formdata=MultiDict(complete | data))


@contextmanager
def statements() -> Iterator[list[str]]:
    """Record the SQL statements of the block."""
    run: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        run.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield run
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@behaviour("edit-profile.rename")
def test_free_name(susan: User) -> None:
    """A free name is accepted."""
    assert edit_form("susan", username="susanna").validate()


@behaviour("edit-profile.taken-name")
def test_taken_name(susan: User) -> None:
    """Another user's name is refused with the chapter's message."""
    form = edit_form("john", username="susan")

    assert not form.validate()
    assert form.errors == {"username": ["Please use a different username."]}


@behaviour("edit-profile.same-name-other-spelling")
@pytest.mark.parametrize("spelling", ["SUSAN", " susan ", "ｓｕｓａｎ"])
def test_taken_name_in_another_spelling(susan: User, spelling: str) -> None:
    """Another spelling of a taken name is refused."""
    form = edit_form("john", username=spelling)

    assert not form.validate()
    assert form.errors == {"username": ["Please use a different username."]}


@behaviour("edit-profile.unchanged-name")
@pytest.mark.parametrize("spelling", ["susan", "Susan", " susan"])
def test_own_name(susan: User, spelling: str) -> None:
    """One's own name is accepted in any spelling."""
    assert edit_form("susan", username=spelling).validate()


@behaviour("edit-profile.unchanged-name-asks-nothing")
def test_own_name_asks_nothing(susan: User) -> None:
    """Validating an unchanged name sends no query."""
    with statements() as run:
        assert edit_form("susan", username="susan").validate()

    assert run == []


@behaviour("edit-profile.unchanged-name-asks-nothing")
def test_other_name_asks_once(susan: User) -> None:
    """Validating another name sends one query."""
    with statements() as run:
        assert edit_form("susan", username="susanna").validate()

    assert len(run) == 1


@behaviour("edit-profile.empty-name")
@pytest.mark.parametrize("name", ["", " ", "\t\n", "\u3000"])
def test_empty_name(name: str) -> None:
    """An empty or blank name is invalid."""
    form = edit_form("susan", username=name)

    assert not form.validate()
    assert form.errors == {"username": ["This field is required."]}


@behaviour("edit-profile.name-limits")
@pytest.mark.parametrize("name", ["x" * 65, "a/b", "..", "a\0b"])
def test_impossible_name(name: str) -> None:
    """A name that the column or a URL cannot hold is refused without a query."""
    with statements() as run:
        form = edit_form("susan", username=name)
        assert not form.validate()

    assert form.errors.keys() == {"username"}
    assert run == []


@behaviour("accounts.bad-text")
@pytest.mark.parametrize(
    ("field", "length"), [("username", 64), ("email", 120)], ids=["name", "address"]
)
def test_too_long_is_all_that_is_said(field: str, length: int) -> None:
    """A value that is too long is refused before other validators run."""
    form = registration(**{field: "/" * (length + 1)})

    assert not form.validate()
    assert form.errors == {field: [f"Field cannot be longer than {length} characters."]}


@behaviour("edit-profile.about-me-140")
@pytest.mark.parametrize(("length", "valid"), [(0, True), (140, True), (141, False)])
def test_about_me_length(length: int, valid: bool) -> None:
    """An about-me of 140 characters is valid, and one of 141 is not."""
    assert (
        edit_form("susan", username="susan", about_me="x" * length).validate() == valid
    )


@behaviour("edit-profile.about-me-as-seen")
@pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r"], ids=["crlf", "lf", "cr"])
def test_line_breaks_count_once(line_break: str) -> None:
    """A line break in the about-me counts as one character however it is sent."""
    form = edit_form("susan", username="susan", about_me="x" * 126 + line_break * 14)

    assert form.validate()
    assert form.about_me.data == "x" * 126 + "\n" * 14


SUSANS = ["susan", "SUSAN", " susan", "susan\n", "ｓusan", "su\u034fsan", "susan "]


@given(
    name=st.sampled_from([*SUSANS, "john", "susan."]) | st.text(max_size=70),
    original=st.sampled_from(["susan", "john"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_edit_form_agrees_with_its_rule(susan: User, name: str, original: str) -> None:
    """A name is accepted exactly if it is valid, and free or one's own."""
    typed = name.strip()
    taken = username_key(typed) == "susan" and original != "susan"

    valid = edit_form(original, username=name).validate()

    assert valid == (is_username(typed) and not taken)


@behaviour("accounts.register")
def test_registration() -> None:
    """A complete registration is valid."""
    assert registration().validate()


@behaviour("accounts.bad-text")
@pytest.mark.parametrize(("length", "accepted"), [(120, True), (121, False)])
def test_address_length(length: int, accepted: bool) -> None:
    """An address has at most 120 characters, like its column."""
    email = "x" * 64 + "@" + "y" * (length - 69) + ".com"

    assert len(email) == length
    assert registration(email=email).validate() is accepted


@behaviour("accounts.register-taken-username")
def test_registration_with_taken_name(susan: User) -> None:
    """A registration with a taken name is invalid."""
    form = registration(email="other@example.com")

    assert not form.validate()
    assert form.errors == {"username": ["Please use a different username."]}


@behaviour("accounts.register-taken-email")
@pytest.mark.parametrize("email", ["susan@example.com", "Susan@Example.COM "])
def test_registration_with_taken_address(susan: User, email: str) -> None:
    """A registration with a taken address in any case is invalid."""
    form = registration(username="other", email=email)

    assert not form.validate()
    assert form.errors == {"email": ["Please use a different email address."]}


@behaviour("accounts.register-taken-email")
@pytest.mark.parametrize(
    ("email", "spelling"),
    [
        ("x@b\u00fccher.example", "x@xn--bcher-kva.example"),
        ("jos\u00e9@example.com", "jose\u0301@example.com"),
    ],
    ids=["domain", "accent"],
)
def test_spellings_of_an_address(email: str, spelling: str) -> None:
    """Two spellings of an address are the same address."""
    stored, typed = registration(email=email), registration(email=spelling)

    assert (stored.validate(), typed.validate()) == (True, True)
    assert typed.email.data == stored.email.data == email


@behaviour("accounts.bad-text")
def test_address_that_grows() -> None:
    """An address that is too long after normalization is refused."""
    form = registration(email="\ufb2c" * 21 + "@" + "y" * 63 + ".example.com")

    assert not form.validate()
    assert form.errors == {"email": ["Field cannot be longer than 120 characters."]}


@behaviour("accounts.bad-text")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("email", "susan"), ("email", "a\0b@example.com")),
        ("email", "x" * 64 + "@" + "y" * 60 + ".example.com"),
        *(("password", "x" * 14), ("password", "x" * 129), ("password", "\0" * 20)),
        ("password2", "another password"),
    ],
    ids=["no-address", "nul", "long-address", "short", "long", "nuls", "different"],
)
def test_registration_with_bad_value(field: str, value: str) -> None:
    """An unusable address or password is refused at its field."""
    form = registration(**{field: value})

    assert not form.validate()
    assert form.errors.keys() == {field}


@behaviour("accounts.register")
@pytest.mark.parametrize("length", [15, 128], ids=["least", "most"])
def test_password_length(length: int) -> None:
    """A password of 15 to 128 characters is valid, whatever its bytes."""
    assert registration(password="é" * length).validate()


@behaviour("accounts.login")
@pytest.mark.parametrize("missing", ["username", "password"])
def test_login_needs_both(missing: str) -> None:
    """A sign-in requires both name and password."""
    data = {"username": "susan", "password": PASSWORD, missing: ""}
    form = LoginForm(formdata=MultiDict(data))

    assert not form.validate()
    assert form.errors.keys() == {missing}


@behaviour("edit-profile.name-freed")
def test_freed_name(susan: User) -> None:
    """A name that its owner gave up is valid for another user."""
    susan.username = "susanna"
    db.session.commit()

    assert edit_form("john", username="susan").validate()


@behaviour("posts.length-140")
@pytest.mark.parametrize(("length", "valid"), [(1, True), (140, True), (141, False)])
def test_post_length(length: int, valid: bool) -> None:
    """A post of 1 to 140 characters is valid."""
    assert PostForm(formdata=MultiDict({"body": "x" * length})).validate() == valid


@behaviour("posts.empty-refused")
@pytest.mark.parametrize(
    "body",
    [
        *("", " \r\n ", "\u200b", "\u00ad \ufeff", "\u2800\u3164", "\ufe0f"),
        *("\u2060\n\u200e", "\U000e0020"),
    ],
)
def test_empty_post(body: str) -> None:
    """A post without visible characters is refused."""
    form = PostForm(formdata=MultiDict({"body": body}))

    assert not form.validate()
    assert form.errors == {"body": ["This field is required."]}


@behaviour("posts.write")
@pytest.mark.parametrize("body", ["a\u200db", "\u2764\ufe0f", "\uf8ff", "\U0001fae9"])
def test_post_with_something_unseen(body: str) -> None:
    """A post of symbols is accepted, even unassigned ones."""
    assert PostForm(formdata=MultiDict({"body": body})).validate()


@pytest.mark.parametrize("text", ["two\nlines", "a\ttab", "שלום", "👩‍💻", "naïve"])
def test_plain_text(text: str) -> None:
    """Line breaks, tabs, all scripts and joined emoji are plain text."""
    assert PostForm(formdata=MultiDict({"body": text})).validate()


@behaviour("accounts.bad-text")
@pytest.mark.parametrize(
    "char",
    ["\0", "\x1b", "\x7f", "\x85", "\ud800", "\u202e", "\u2066", chr(0xFFFD)],
    ids=[
        *("nul", "escape", "delete", "nel", "surrogate", "override", "isolate"),
        "replacement",
    ],
)
def test_control_character(char: str) -> None:
    """Control and bidirectional characters and surrogates are refused."""
    form = PostForm(formdata=MultiDict({"body": f"a{char}b"}))

    assert not form.validate()
    assert form.errors == {
        "body": ["Please use plain text, without control characters."]
    }


BIDIRECTIONAL = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@behaviour("accounts.bad-text")
@pytest.mark.parametrize("char", BIDIRECTIONAL, ids=ascii)
def test_bidirectional_control(char: str) -> None:
    """Each character that reorders the text around it is refused in a post."""
    assert not PostForm(formdata=MultiDict({"body": f"a{char}b"})).validate()


@behaviour("posts.empty-refused")
@pytest.mark.parametrize("char", ["\u2028", "\u2029"], ids=ascii)
def test_post_of_separators(char: str) -> None:
    """A post of line or paragraph separators is refused as empty."""
    form = PostForm(formdata=MultiDict({"body": char}))

    assert not form.validate()
    assert form.errors == {"body": ["This field is required."]}


@behaviour("edit-profile.name-limits")
def test_message_for_an_impossible_name() -> None:
    """The message for an impossible name says which characters it may have."""
    form = edit_form("susan", username="a/b")

    assert not form.validate()
    assert form.errors == {
        "username": ["Please use letters, digits and signs other than /."]
    }


@behaviour("accounts.bad-text")
@pytest.mark.parametrize("length", [14, 129])
def test_message_for_a_password_length(length: int) -> None:
    """The message for a password's length has both limits."""
    form = registration(password="x" * length)

    assert not form.validate()
    assert form.errors == {"password": ["Please use 15 to 128 characters."]}


@behaviour("accounts.register")
def test_registration_needs_everything() -> None:
    """Each empty field of a registration is named, with one message."""
    form = RegistrationForm(formdata=MultiDict())

    assert not form.validate()
    assert form.errors.keys() == {"username", "email", "password", "password2"}
    assert all(one == ["This field is required."] for one in form.errors.values())


@behaviour("edit-profile.refusal-says-why")
@pytest.mark.parametrize("missing", ["username", "about_me"])
def test_edit_form_without_a_field(missing: str) -> None:
    """An edit form that lacks a field is refused, and keeps no value of its own."""
    data = MultiDict({"username": "susan", "about_me": "me"})
    del data[missing]

    form = EditProfileForm(User(username="susan", about_me="me"), formdata=data)

    assert not form.validate()
    assert form.errors == {missing: ["This field is required."]}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (
            LoginForm,
            {
                "username": "Username required type=text value=",
                "password": "Password autocomplete=current-password required"
                " type=password value=",
                "remember_me": "Remember Me type=checkbox value=y",
                "submit": "Sign In type=submit value=Sign In",
            },
        ),
        (
            RegistrationForm,
            {
                "username": "Username autocomplete=username maxlength=64 required"
                " type=text value=",
                "email": "Email autocomplete=email maxlength=120 required type=email"
                " value=",
                "password": "Password autocomplete=new-password maxlength=128"
                " minlength=15 required type=password value="
                " (At least 15 characters: a few words do well.)",
                "password2": "Repeat Password autocomplete=new-password maxlength=128"
                " required type=password value=",
                "submit": "Register type=submit value=Register",
            },
        ),
        (
            PostForm,
            {
                "body": "Say something required (Up to 140 characters.)",
                "submit": "Post type=submit value=Post",
            },
        ),
        (
            lambda: EditProfileForm(User(username="susan", about_me="me")),
            {
                "username": "Username autocomplete=username maxlength=64 required"
                " type=text value=susan",
                "about_me": "About me (Up to 140 characters.)",
                "submit": "Save type=submit value=Save",
            },
        ),
    ],
    ids=["login", "registration", "post", "edit"],
)
def test_rendered_fields(form: Any, expected: dict[str, str]) -> None:
    """Each field has its label, the attributes that help browsers, and its hint."""
    found = {}
    for field in form():
        tag = re.sub(' (id|name)="[^"]*"', "", str(field).partition(">")[0])
        attributes = tag.partition(" ")[1:]
        text = "".join([field.label.text, *attributes]).replace('"', "")
        hint = f" ({field.description})" if field.description else ""
        found[field.name] = text + hint

    assert found == expected


def take(name: str) -> None:
    """Store a user with this name, as another process would."""
    user = {"username": name, "username_key": name, "email": name, "password_hash": "!"}
    with db.engine.begin() as connection:
        connection.execute(insert(User).values(user))


def valid_form(user: User, username: str) -> EditProfileForm:
    """Return a form with a valid rename, already applied to the user."""
    data = MultiDict({"username": username, "about_me": ""})
    form = EditProfileForm(user, formdata=data)
    assert form.validate()
    db.session.rollback()  # ends the transaction of the check
    return form


def test_commit(susan: User) -> None:
    """A change without a race is stored."""
    form = valid_form(susan, "susanna")
    susan.username = "susanna"

    assert commit_or_form_error(form)
    assert User.by_name("susanna") == susan


@behaviour("edit-profile.race")
def test_lost_race_is_a_form_error(susan: User) -> None:
    """A name taken between check and commit gets the form's message."""
    form = valid_form(susan, "susanna")
    take("susanna")
    susan.username = "susanna"

    assert not commit_or_form_error(form)
    assert form.errors == {"username": ["Please use a different username."]}


@behaviour("edit-profile.race-keeps-old-name")
def test_loser_keeps_the_stored_name(susan: User) -> None:
    """After a lost race the user has the stored name, and the session works."""
    form = valid_form(susan, "susanna")
    take("susanna")
    susan.username = "susanna"
    commit_or_form_error(form)

    assert susan.username == "susan"


def test_other_violation_is_raised(susan: User) -> None:
    """A constraint violation unrelated to the form is raised."""
    form = valid_form(susan, "susan")
    susan.email = None  # type: ignore[assignment]  # as a bug would

    with pytest.raises(IntegrityError):
        commit_or_form_error(form)
