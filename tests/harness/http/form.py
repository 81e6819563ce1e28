"""A form as it was served: found by its labels, sent back with all its fields."""

from urllib.parse import urljoin

from bs4 import Tag

from tests.harness.http.page_text import CONTROLS, errors, words


def is_token(name: str) -> bool:
    """Tell whether a field of this name holds a CSRF token."""
    return any(word in name.casefold() for word in ("csrf", "xsrf", "token"))


class FieldMissing(AssertionError):
    """The form lacks a field that a person would look for."""


class Form:
    """
    One form of a page.

    Fields are named as a person or a browser does: by the text of the label,
    else by the name, else by the type.
    """

    def __init__(self, tag: Tag, url: str) -> None:
        self._tag = tag
        self.action = urljoin(url, str(tag.get("action") or ""))
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
        """What is written on the first button, "" if there is none."""
        tag = self._submit
        if tag is None:
            return ""
        return str(tag.get("value") or words(tag))

    @property
    def _submit(self) -> Tag | None:
        for tag in self._tag.find_all(["button", "input"]):
            kind = tag.get("type", "submit" if tag.name == "button" else "text")
            if kind in ("submit", "image"):
                return tag
        return None

    @property
    def controls(self) -> list[Tag]:
        """The fields, hidden ones and buttons included."""
        return self._tag.find_all(CONTROLS)

    @property
    def labels(self) -> dict[str, str]:
        """The id of each labelled field, by the text of its label."""
        return {
            words(label).rstrip(" :*"): str(label["for"])
            for label in self._tag.find_all("label", attrs={"for": True})
        }

    def has(self, field: str) -> bool:
        """Tell whether the form has *field* (a label, a name or a type)."""
        return self._find(field) is not None

    def control(self, field: str) -> Tag:
        """Return the element of *field*."""
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
        # The label of a list of choices may name the list, which is no field.
        named = {text.casefold(): identity for text, identity in self.labels.items()}
        for tag in self.controls:
            if wanted in named and tag.get("id") == named[wanted]:
                return tag
        for key in ("name", "type"):
            for tag in self.controls:
                if str(tag.get(key, "")).casefold() == wanted:
                    return tag
        return None

    def value(self, field: str) -> str:
        """Return what stands in *field*."""
        return _value(self.control(field)) or ""

    def values(self, **typed: str | bool | None) -> list[tuple[str, str]]:
        """
        Return what a browser sends: the served values, overlaid with *typed*.

        None leaves a field as served; True and False tick and untick a box.
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
        """Return the messages that the page ties to *field*."""
        return errors(self._tag, self.control(field))


def _value(tag: Tag) -> str | None:
    """Return what a browser sends for a field as served; None: nothing."""
    if tag.name == "textarea":
        # A browser drops one line break right after the tag.
        return tag.get_text().removeprefix("\r").removeprefix("\n")
    if tag.name == "select":
        options = tag.find_all("option")
        chosen = [option for option in options if option.has_attr("selected")]
        first = (chosen or options)[:1]
        return str(first[0].get("value", first[0].get_text())) if first else None
    if tag.get("type") in ("checkbox", "radio") and not tag.has_attr("checked"):
        return None
    default = "on" if tag.get("type") in ("checkbox", "radio") else ""
    return str(tag.get("value", default))
