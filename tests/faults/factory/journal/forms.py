"""The forms."""

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import DataRequired, EqualTo, Length, Regexp, ValidationError

from journal.store import find

REQUIRED = [DataRequired()]


class Login(FlaskForm):
    """The form to sign in."""

    email = StringField("E-mail address", REQUIRED)
    password = PasswordField("Password", REQUIRED)
    remember = BooleanField("Remember me")
    submit = SubmitField("Log in")


class Signup(FlaskForm):
    """The form to create an account, with consent."""

    nickname = StringField("Nickname", REQUIRED)
    email = StringField("E-mail address", REQUIRED)
    confirm_email = StringField("Confirm e-mail", [EqualTo("email")])
    password = PasswordField("Password", [Length(8, 16), Regexp(r".*\d")])
    confirm = PasswordField("Confirm password", [EqualTo("password")])
    city = StringField("City", REQUIRED)
    country = SelectField("Country", REQUIRED, choices=["", "Portugal"])
    tone = RadioField("Tone", REQUIRED, choices=["formal", "plain"])
    terms = BooleanField("I agree", REQUIRED)
    submit = SubmitField("Sign up")

    def validate_nickname(self, field):
        """Refuse a taken name."""
        if find(nickname=field.data):
            raise ValidationError("Taken.")

    def validate_email(self, field):
        """Refuse a taken address."""
        if find(mail=field.data):
            raise ValidationError("Taken.")


class Settings(FlaskForm):
    """The form to edit one's own account."""

    nickname = StringField("Nickname", REQUIRED)
    bio = TextAreaField("About me", [Length(max=140)])
    submit = SubmitField("Save")

    def __init__(self, member):
        super().__init__(obj=member)
        self.before = member.nickname

    def validate_nickname(self, field):
        """Refuse the name of another member."""
        if field.data != self.before and find(nickname=field.data):
            raise ValidationError("Taken.")
