"""A form of a page: finds fields by their labels, and collects values to send."""

import re
from urllib.parse import urljoin

from bs4 import Tag

from tests.harness.http.page_text import CONTROLS, errors, text_of

_CURRENT = re.compile(r"current|existing|old", re.IGNORECASE)


def is_token(name: str) -> bool:
    """Return whether a field of this name holds a CSRF token."""
    return any(word in name.casefold() for word in ("csrf", "xsrf", "token"))


class FieldMissing(AssertionError):
    """A page or a form lacks a field."""


class Form:
    """One form of a page.

    A field is found by the text of its label, else by its name, else by its type.
    """

    def __init__(self, tag: Tag, url: str) -> None:
        self._tag = tag
        # As browsers do, without blanks around the address.
        self.action = urljoin(url, str(tag.get("action") or "").strip())
        self.method = str(tag.get("method") or "get").upper()

    @property
    def token(self) -> str:
        """The CSRF token, "" if there is none."""
        for tag in self._tag.find_all("input"):
            if is_token(str(tag.get("name", ""))):
                return str(tag.get("value", ""))
        return ""

    @property
    def button(self) -> str:
        """The text of the first submit button, "" if there is none."""
        tag = self._submit
        return "" if tag is None else str(tag.get("value") or text_of(tag))

    @property
    def _submit(self) -> Tag | None:
        for tag in self._tag.find_all(["button", "input"]):
            kind = tag.get("type", "submit" if tag.name == "button" else "text")
            if kind in ("submit", "image"):
                return tag
        return None

    @property
    def controls(self) -> list[Tag]:
        """The form's input, textarea and select elements."""
        return self._tag.find_all(CONTROLS)

    @property
    def labels(self) -> dict[str, str]:
        """The id of each labelled field, by the text of its label."""
        return {
            text_of(label).rstrip(" :*"): str(label["for"])
            for label in self._tag.find_all("label", attrs={"for": True})
        }

    @property
    def current_password(self) -> str:
        """The name of the field for the password in use, "" if there is none.

        A form that asks for a single password asks for that one, whatever its name.
        """
        fields = [tag for tag in self.controls if tag.get("type") == "password"]
        names = [str(tag.get("name", "")) for tag in fields]
        current = [name for name in names if _CURRENT.search(name)]
        return (current or (names if len(names) == 1 else [""]))[0]

    def has(self, field: str) -> bool:
        """Return whether the form has a field (by label, name or type)."""
        return self._find(field) is not None

    def control(self, field: str) -> Tag:
        """Return the element of a field."""
        found = self._find(field)
        if found is None:
            names = [str(tag.get("name")) for tag in self.controls]
            raise FieldMissing(
                f"the form for {self.action} has no field {field!r}; "
                f"labels: {sorted(self.labels)}, names: {names}"
            )
        return found

    def _find(self, field: str) -> Tag | None:
        wanted = field.casefold()
        # A label may also name a list of choices, which is not a field itself.
        labelled = {text.casefold(): target for text, target in self.labels.items()}
        for tag in self.controls:
            if wanted in labelled and tag.get("id") == labelled[wanted]:
                return tag
        for key in ("name", "type"):
            for tag in self.controls:
                if str(tag.get(key, "")).casefold() == wanted:
                    return tag
        return None

    def value(self, field: str) -> str:
        """Return the value of a field as it was served."""
        return _value(self.control(field)) or ""

    def values(self, **typed: str | bool | None) -> list[tuple[str, str]]:
        """Return the names and values that a browser sends.

        Args:
            typed: Values in place of the served ones; True and False tick and untick a
                box, None leaves a field as it was served.
        """
        changed = {
            id(self.control(field)): value
            for field, value in typed.items()
            if value is not None
        }
        pairs: list[tuple[str, str]] = []
        for tag in self.controls:
            if not tag.get("name") or tag.has_attr("disabled"):
                continue
            if tag.get("type") in ("submit", "image", "button", "reset"):
                continue
            value: str | bool | None = changed.get(id(tag), _value(tag))
            if value is True:
                value = str(tag.get("value", "on"))
            if isinstance(value, str):
                pairs.append((str(tag["name"]), value))
        button = self._submit
        if button is not None and button.get("name"):
            pairs.append((str(button["name"]), str(button.get("value") or "")))
        return pairs

    def errors(self, field: str) -> list[str]:
        """Return the error messages that the page shows at a field."""
        return errors(self._tag, self.control(field))


def _value(tag: Tag) -> str | None:
    """Return what a browser sends for an untouched field, None for nothing."""
    if tag.name == "textarea":
        # Browsers drop one line break right after the opening tag.
        return tag.get_text().removeprefix("\r").removeprefix("\n")
    if tag.name == "select":
        options = tag.find_all("option")
        chosen = [option for option in options if option.has_attr("selected")]
        first = (chosen or options)[:1]
        return str(first[0].get("value", first[0].get_text())) if first else None
    if tag.get("type") in ("checkbox", "radio"):
        return str(tag.get("value", "on")) if tag.has_attr("checked") else None
    return str(tag.get("value", ""))
