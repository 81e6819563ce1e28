"""What the forms' fields have in common: filters and validators."""

from email_validator import validate_email
from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.form import BaseForm
from wtforms.validators import DataRequired, Length, StopValidation, ValidationError

from .models import User
from .names import NAME_LENGTH, is_name, is_seen, is_text


class AtMost(Length):
    """A length whose excess ends the checks: others take seconds for 60,000 marks."""

    def __init__(self, length: int) -> None:
        super().__init__(max=length)

    def __call__(self, form: BaseForm, field: StringField) -> None:
        try:
            super().__call__(form, field)
        except ValidationError as error:
            raise StopValidation(*error.args) from None


def as_seen(text: str | None) -> str | None:
    """The text with each line break as one character: browsers send two."""
    return text and text.replace("\r\n", "\n").replace("\r", "\n")


def trimmed(text: str | None) -> str | None:
    """The text without the blanks around it."""
    return text and text.strip()


def lowered(text: str | None) -> str | None:
    """The text in lower case."""
    return text and text.lower()


def sent(_form: FlaskForm, field: Field) -> None:
    """Refuse a form that comes without the field: its prefilled value was not sent."""
    if not field.raw_data:
        raise StopValidation("This field is required.")


def seen(_form: FlaskForm, field: Field) -> None:
    """Refuse a text in which there is nothing to see."""
    if not is_seen(field.data):
        raise StopValidation("This field is required.")


def one_spelling(_form: FlaskForm, field: Field) -> None:
    """Keep of an address, if it is one, the spelling that all its spellings share."""
    if not field.errors:
        found = validate_email(field.data, check_deliverability=False)
        field.data = found.normalized


def legible(_form: FlaskForm, field: Field) -> None:
    """Refuse a text that cannot be stored or shown as it is."""
    if field.data and not is_text(field.data):
        raise ValidationError("Please use plain text, without control characters.")


def named(_form: FlaskForm, field: Field) -> None:
    """Refuse a name that cannot be stored, shown, or be part of an address."""
    if not is_name(field.data):
        raise ValidationError("Please use letters, digits and signs other than /.")


def free(field: Field) -> None:
    """Refuse the name of another user."""
    if User.named(field.data):
        raise ValidationError("Please use a different username.")


def username_field() -> Field:
    """The field for a name that its user chooses."""
    return StringField(
        "Username",
        filters=[trimmed],
        validators=[sent, DataRequired(), AtMost(NAME_LENGTH), named],
        render_kw={"autocomplete": "username", "maxlength": NAME_LENGTH},
    )
