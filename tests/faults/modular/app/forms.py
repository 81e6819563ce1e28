"""The forms."""

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    PasswordField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Email, EqualTo, Length, ValidationError

from app import db
from app.models import User, named


class SignInForm(FlaskForm):
    """The form to sign in."""

    username = StringField("Your name", validators=[DataRequired()])
    password = PasswordField("Password", validators=[DataRequired()])
    remember_me = BooleanField("Keep me signed in")
    submit = SubmitField("Enter")


class RegistrationForm(FlaskForm):
    """The form to create an account."""

    username = StringField("Your name", validators=[DataRequired(), Length(max=64)])
    email = EmailField("E-mail", validators=[DataRequired(), Email()])
    password = PasswordField("Password", validators=[DataRequired()])
    password2 = PasswordField("Once more", validators=[EqualTo("password")])
    submit = SubmitField("Join")

    def validate_username(self, field):
        """Refuse a taken name."""
        if named(field.data):
            raise ValidationError("That name is taken.")

    def validate_email(self, field):
        """Refuse a taken address."""
        if db.session.scalar(db.select(User).where(User.email == field.data)):
            raise ValidationError("That address is taken.")


class EditProfileForm(FlaskForm):
    """The form to edit one's own profile."""

    username = StringField("Your name", validators=[DataRequired()])
    about_me = TextAreaField("About you", validators=[Length(max=140)])
    submit = SubmitField("Keep")

    def __init__(self, original_name, **options):
        super().__init__(**options)
        self.original_name = original_name

    def validate_username(self, field):
        """Refuse the name of another user."""
        if field.data != self.original_name and named(field.data):
            raise ValidationError("That name is taken.")
