"""The forms, their filters and validators, and commits that may lose a race."""

import unicodedata
from typing import Any

from email_validator import validate_email
from flask import flash, request
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    PasswordField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.form import BaseForm
from wtforms.validators import (
    DataRequired,
    Email,
    EqualTo,
    InputRequired,
    Length,
    StopValidation,
    ValidationError,
)

from .extensions import db
from .models import EMAIL_LENGTH, TEXT_LENGTH, User
from .usernames import INVISIBLE, USERNAME_LENGTH, is_username, username_key

# https://cheatsheetseries.owasp.org/cheatsheets/Authentication_Cheat_Sheet.html
PASSWORD_MIN, PASSWORD_MAX = 15, 128  # characters

# Bidirectional controls display a text in another order than the stored one.
# https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
_BIDIRECTIONAL = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BLANK_CATEGORIES = {"Cc", "Cf", "Zl", "Zp", "Zs"}


# The constraints behind the forms' own checks, as SQLite and PostgreSQL name them.
FORM_CONSTRAINTS = (
    "UNIQUE constraint failed: user.username_key",
    "UNIQUE constraint failed: user.email",
    "uq_user_username_key",
    "uq_user_email",
)


def strip(text: str | None) -> str | None:
    """Remove surrounding whitespace."""
    return text and text.strip()


def lower(text: str | None) -> str | None:
    """Convert to lower case."""
    return text and text.lower()


def normalize_newlines(text: str | None) -> str | None:
    r"""Replace CRLF and CR, which browsers send, with ``\n``: one character each."""
    return text and text.replace("\r\n", "\n").replace("\r", "\n")


class MaxLength(Length):
    """A maximum length that stops validation.

    Later validators would take seconds on 60,000 combining marks.
    """

    def __init__(self, length: int) -> None:
        super().__init__(max=length)

    def __call__(self, form: BaseForm, field: StringField) -> None:
        try:
            super().__call__(form, field)
        except ValidationError as error:
            raise StopValidation(*error.args) from None


def field_present(_form: BaseForm, field: Field) -> None:
    """Refuse a form without this field: it would keep its prefilled value."""
    if not field.raw_data:
        raise StopValidation("This field is required.")


def not_blank(_form: BaseForm, field: Field) -> None:
    """Refuse a text that displays nothing."""
    text = unicodedata.normalize("NFKC", field.data).translate(INVISIBLE)
    if all(unicodedata.category(char) in _BLANK_CATEGORIES for char in text):
        raise StopValidation("This field is required.")


def plain_text(_form: BaseForm, field: Field) -> None:
    """Refuse a text that cannot be stored or is displayed other than stored.

    Werkzeug decodes bytes that are not UTF-8 to U+FFFD.
    """
    for char in field.data or "":
        control = unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t"
        if control or char in _BIDIRECTIONAL or char == "\ufffd":
            raise ValidationError("Please use plain text, without control characters.")


def valid_username(_form: BaseForm, field: Field) -> None:
    """Refuse a text that is not a username."""
    if not is_username(field.data):
        raise ValidationError("Please use letters, digits and signs other than /.")


def normalize_email(_form: BaseForm, field: Field) -> None:
    """Replace a valid address with its normalized form."""
    if not field.errors:
        found = validate_email(field.data, check_deliverability=False)
        field.data = found.normalized


def short_text_field(label: str, required: Any, *validators: Any) -> Field:
    """Return a field for a text of up to `TEXT_LENGTH` characters.

    ``required`` comes before the check of the length, the other validators after it.
    The field has no ``maxlength``: browsers count an emoji as two characters, and
    silently cut off what is pasted.
    """
    return TextAreaField(
        label,
        description=f"Up to {TEXT_LENGTH} characters.",
        filters=[normalize_newlines],
        validators=[required, MaxLength(TEXT_LENGTH), *validators, plain_text],
        render_kw={"maxlength": False},
    )


class TextForm(FlaskForm):
    """A form that reads only `request.form`; FlaskForm also reads files and JSON."""

    def __init__(self, formdata: Any = None, **kwargs: Any) -> None:
        if formdata is None and self.is_submitted():
            formdata = request.form
        super().__init__(formdata=formdata, **kwargs)


class UsernameForm(TextForm):
    """A form in which a user chooses a username."""

    username: Field = StringField(
        "Username",
        filters=[strip],
        validators=[
            field_present,
            DataRequired(),
            MaxLength(USERNAME_LENGTH),
            valid_username,
        ],
        render_kw={"autocomplete": "username", "maxlength": USERNAME_LENGTH},
    )

    def validate_username(self, username: Field) -> None:
        """Refuse the username of another user, in any spelling."""
        if User.by_name(username.data):
            raise ValidationError("Please use a different username.")


class LoginForm(TextForm):
    """The form to sign in."""

    username: Field = StringField("Username", validators=[DataRequired()])
    password: Field = PasswordField(
        "Password",
        validators=[InputRequired()],
        render_kw={"autocomplete": "current-password"},
    )
    remember_me = BooleanField("Remember Me")
    submit = SubmitField("Sign In")


class RegistrationForm(UsernameForm):
    """The form to create an account."""

    email = EmailField(
        "Email",
        filters=[strip, lower],
        validators=[
            DataRequired(),
            MaxLength(EMAIL_LENGTH),
            Email(),
            normalize_email,
            MaxLength(EMAIL_LENGTH),
        ],
        render_kw={"autocomplete": "email", "maxlength": EMAIL_LENGTH},
    )
    password: Field = PasswordField(
        "Password",
        description=f"At least {PASSWORD_MIN} characters: a few words do well.",
        validators=[
            InputRequired(),
            Length(
                PASSWORD_MIN,
                PASSWORD_MAX,
                f"Please use {PASSWORD_MIN} to {PASSWORD_MAX} characters.",
            ),
            plain_text,
        ],
        render_kw={"autocomplete": "new-password", "maxlength": PASSWORD_MAX},
    )
    password2 = PasswordField(
        "Repeat Password",
        validators=[InputRequired(), EqualTo("password")],
        render_kw={"autocomplete": "new-password", "maxlength": PASSWORD_MAX},
    )
    submit = SubmitField("Register")

    def validate_email(self, email: Field) -> None:
        """Refuse a taken address."""
        if email.errors:
            return  # PostgreSQL may not even accept the text
        if db.session.scalar(select(User.id).filter_by(email=email.data)):
            raise ValidationError("Please use a different email address.")


class EditProfileForm(UsernameForm):
    """The form to change one's own username and about-me."""

    about_me = short_text_field("About me", field_present)
    submit = SubmitField("Save")

    def __init__(self, user: User, **kwargs: Any) -> None:
        super().__init__(obj=user, **kwargs)
        self._user = user

    def validate_username(self, username: Field) -> None:
        """Refuse the username of another user; one's own, in any spelling, is fine."""
        if username_key(username.data) != self._user.username_key:
            super().validate_username(username)


class PostForm(TextForm):
    """The form to write a post."""

    body = short_text_field("Say something", DataRequired(), not_blank)
    submit = SubmitField("Post")


def commit_or_form_error(form: FlaskForm) -> bool:
    """Commit; return False, with a message on the form, if another request was faster.

    Between a form's check and the commit another request can take the username or the
    address. The database's constraint then refuses the commit, and the form is
    validated once more, on what is stored now.

    Raises:
        IntegrityError: The violation has nothing to do with the form.
        ObjectDeletedError: The signed-in user was deleted.
    """
    try:
        db.session.commit()
    except IntegrityError as error:
        db.session.rollback()
        # Load the user again; if the account was deleted, that is the error.
        getattr(current_user, "username", None)
        if not form.validate():
            return False
        if not any(name in str(error.orig) for name in FORM_CONSTRAINTS):
            raise
        # Taken when it was written, and free again when it was checked.
        flash("Somebody else was faster. Please try again.", "error")
        return False
    return True
