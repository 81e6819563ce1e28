"""The forms, and what they refuse."""

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    PasswordField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    Email,
    EqualTo,
    InputRequired,
    Length,
    ValidationError,
)

from .extensions import db
from .fields import (
    AtMost,
    as_seen,
    free,
    legible,
    lowered,
    one_spelling,
    seen,
    sent,
    trimmed,
    username_field,
)
from .models import EMAIL_LENGTH, User
from .names import TEXT_LENGTH, name_key

# https://cheatsheetseries.owasp.org/cheatsheets/Authentication_Cheat_Sheet.html
PASSWORD_MIN, PASSWORD_MAX = 15, 128  # characters

# Told in words and checked here: a browser counts otherwise (an emoji as two), and cuts
# off what is pasted without a word.
SHORT_TEXT: dict[str, Any] = {
    "description": f"Up to {TEXT_LENGTH} characters.",
    "render_kw": {"maxlength": False},
}


class TextForm(FlaskForm):
    """A form of texts: FlaskForm would take files and JSON of any type for them."""

    def __init__(self, formdata: Any = None, **kwargs: Any) -> None:
        if formdata is None and self.is_submitted():
            formdata = request.form
        super().__init__(formdata=formdata, **kwargs)


class LoginForm(TextForm):
    """Sign in."""

    username: Field = StringField("Username", validators=[DataRequired()])
    password: Field = PasswordField(
        "Password",
        validators=[InputRequired()],
        render_kw={"autocomplete": "current-password"},
    )
    remember_me = BooleanField("Remember Me")
    submit = SubmitField("Sign In")


class RegistrationForm(TextForm):
    """Become a user."""

    username = username_field()
    email = EmailField(
        "Email",
        filters=[trimmed, lowered],
        validators=[
            *(DataRequired(), AtMost(EMAIL_LENGTH), Email()),
            *(one_spelling, AtMost(EMAIL_LENGTH)),
        ],
        render_kw={"autocomplete": "email", "maxlength": EMAIL_LENGTH},
    )
    password: Field = PasswordField(
        "Password",
        description=f"At least {PASSWORD_MIN} characters: a few words do well.",
        validators=[InputRequired(), Length(PASSWORD_MIN, PASSWORD_MAX), legible],
        render_kw={"autocomplete": "new-password", "maxlength": PASSWORD_MAX},
    )
    password2 = PasswordField(
        "Repeat Password",
        validators=[InputRequired(), EqualTo("password")],
        render_kw={"autocomplete": "new-password", "maxlength": PASSWORD_MAX},
    )
    submit = SubmitField("Register")

    def validate_username(self, username: Field) -> None:
        """Refuse a taken name."""
        free(username)

    def validate_email(self, email: Field) -> None:
        """Refuse a taken address."""
        if email.errors:
            return  # what is no address may be no text for the database either
        if db.session.scalar(select(User.id).filter_by(email=email.data)):
            raise ValidationError("Please use a different email address.")


class EditProfileForm(TextForm):
    """Change one's name and about-me."""

    username = username_field()
    about_me = TextAreaField(
        "About me",
        filters=[as_seen],
        validators=[sent, AtMost(TEXT_LENGTH), legible],
        **SHORT_TEXT,
    )
    submit = SubmitField("Save")

    def __init__(self, original_username: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.original_username = original_username

    def validate_username(self, username: Field) -> None:
        """Refuse a name of somebody else; one's own, in any spelling, is free."""
        if name_key(username.data) != name_key(self.original_username):
            free(username)


class PostForm(TextForm):
    """Write a post."""

    body = TextAreaField(
        "Say something",
        filters=[as_seen],
        validators=[DataRequired(), AtMost(TEXT_LENGTH), seen, legible],
        **SHORT_TEXT,
    )
    submit = SubmitField("Post")
