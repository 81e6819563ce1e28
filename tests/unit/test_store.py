"""Storing what a form asks for, when another request was faster."""

from collections.abc import Callable

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.forms import EditProfileForm
from app.models import User
from app.store import store_or_refuse
from tests.harness.plugin.behaviour import SHOULD, behaviour


def take(name: str) -> None:
    """Store a user of this name, as another process would."""
    user = {"username": name, "username_key": name, "email": name, "password_hash": "!"}
    with db.engine.begin() as connection:
        connection.execute(insert(User).values(user))


def checked_form(user: User, name: str) -> EditProfileForm:
    """A rename that has passed its check."""
    data = MultiDict({"username": name, "about_me": ""})
    form = EditProfileForm(user.username, formdata=data)
    assert form.validate()
    db.session.rollback()  # ends the read, as the check's own request would not
    return form


def renamed(user: User, name: str) -> Callable[[], None]:
    """The change that the form asks for."""
    return lambda: setattr(user, "username", name)


def test_change_is_stored(susan: User) -> None:
    """A change that nobody disturbs is stored."""
    form = checked_form(susan, "susanna")

    assert store_or_refuse(form, renamed(susan, "susanna"))
    assert User.named("susanna") == susan


@behaviour("edit-profile.race", SHOULD)
def test_lost_race_is_a_form_error(susan: User) -> None:
    """A name taken between check and write is refused with the form's message."""
    form = checked_form(susan, "susanna")
    take("susanna")

    assert not store_or_refuse(form, renamed(susan, "susanna"))
    assert form.errors == {"username": ["Please use a different username."]}


@behaviour("edit-profile.race-keeps-old-name", SHOULD)
def test_loser_keeps_the_stored_name(susan: User) -> None:
    """After a lost race the user has the stored name, and the session works."""
    form = checked_form(susan, "susanna")
    take("susanna")
    store_or_refuse(form, renamed(susan, "susanna"))

    assert susan.username == "susan"


@behaviour("edit-profile.race", SHOULD)
def test_name_that_is_free_again_is_stored(susan: User) -> None:
    """A name that is given up before the loser checks again is his after all."""
    form = checked_form(susan, "susanna")
    tries: list[str] = []

    def change() -> None:
        susan.username = "susanna"
        susan.email = "taken" if not tries else "susan@example.com"
        tries.append(susan.email)

    take("taken")

    assert store_or_refuse(form, change)
    assert tries == ["taken", "susan@example.com"]
    assert User.named("susanna") == susan


def test_other_violation_is_raised(susan: User) -> None:
    """A violation that is no lost race is raised, after a few tries."""
    form = checked_form(susan, "susanna")

    with pytest.raises(IntegrityError):
        store_or_refuse(form, lambda: setattr(susan, "email", None))
