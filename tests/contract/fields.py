"""Recognizes the fields of forms, and fills in those that are not known."""

import re
from dataclasses import dataclass, field

from bs4 import Tag

from tests.harness.http.form import Form, is_token

#: Pairs of a field's key and a pattern for its name, label or placeholder.
PATTERNS = (
    ("email2", r"(repeat|confirm|retype|verify|again).*e-?mail"),
    ("email2", r"e-?mail.*(2|repeat|again|confirm|retype|verif)"),
    ("password2", r"pass.*(2|repeat|again|confirm|retype|check|verif)"),
    ("password2", r"(repeat|confirm|retype|verify|re).?_?pass|^confirm|^pwd2|^repeat"),
    ("remember", r"remember|stay.?signed|keep.?me"),
    ("email", r"e-?mail"),
    ("about_me", r"about|\bbio\b|biograph|describe|description|introduc"),
    ("username", r"user.?_?name|nick|login|^user$|^name$|^username"),
)
#: Matches a username, but not another name such as the real one.
EXACT_USERNAME = re.compile(r"user.?_?name", re.IGNORECASE)

#: Values for further fields of a registration form, by input type.
ANSWERS = {
    "date": "1990-01-01",
    "tel": "5550100",
    "number": "30",
    "url": "https://example.com/",
}


def key_of(control: Tag, label: str) -> str:
    """Return the key by which tests refer to a field, "" for other fields."""
    kind = str(control.get("type", "text")).lower()
    if kind in ("hidden", "submit", "button", "image", "file", "reset", "radio"):
        return ""
    if control.name == "select":
        return ""
    names = [str(control.get("name", "")), label, str(control.get("placeholder", ""))]
    for key, pattern in PATTERNS:
        if any(re.search(pattern, name.strip(), re.IGNORECASE) for name in names):
            # Some sites show the repeated password as text.
            types = {"password2": ("password", "text"), "remember": ("checkbox",)}
            if kind in types.get(key, (kind,)):
                return key
    plain = any(re.fullmatch(r"(?i)pass(word|wd)?|pwd", name) for name in names)
    return "password" if kind == "password" or plain else ""


@dataclass
class Fields:
    """The names of a site's fields by key, collected from its forms.

    Attributes:
        names: The names of each field, the likeliest first.
        extra: The values of further required fields, by name.
    """

    names: dict[str, list[str]] = field(default_factory=dict)
    extra: dict[str, str | bool] = field(default_factory=dict)

    def gather(self, form: Form, *, all_needed: bool = False) -> set[str]:
        """Add the fields of *form* and return their keys.

        Args:
            all_needed: Whether to fill in further fields as well.
        """
        labels = {identity: text for text, identity in form.labels.items()}
        keys: set[str] = set()
        candidates = [
            (control, label, key_of(control, label))
            for control in form.controls
            for label in [labels.get(str(control.get("id")), "")]
        ]
        username = max(
            (one for one in candidates if one[2] == "username"),
            key=_is_exact,
            default=None,
        )
        for each in candidates:
            control, _, key = each
            name = str(control.get("name", ""))
            if key == "username" and each is not username:
                key = ""
            if key in ("password", "email") and key in keys:
                key += "2"
            elif key == "email2" and "email" not in keys:
                key = "email"
            if key and name:
                keys.add(key)
                known = self.names.setdefault(key, [])
                if name not in known:
                    known.append(name)
                    known.sort(key=lambda name: not EXACT_USERNAME.search(name))
            elif all_needed and name and not is_token(name):
                self.answer(form, control, name)
        return keys

    def answer(
        self, form: Form, control: Tag, name: str, text: str = "Example"
    ) -> None:
        """Choose a value for a field that is empty.

        Args:
            text: The value for a field that takes any text, or for one that takes a
                number if it is one.
        """
        kind = str(control.get("type", "text")).lower()
        if control.name == "select":
            if not form.value(name) and (choices := _choices(control)):
                self.extra.setdefault(name, choices[0])
        elif kind == "checkbox":
            self.extra.setdefault(name, True)  # terms of use
        elif kind == "radio":
            if name not in dict(form.values()):
                self.extra.setdefault(name, True)  # the first one
        elif (
            control.name == "textarea" or kind in ("text", *ANSWERS)
        ) and not control.get("value"):
            number = text if kind == "number" and text.isdigit() else ""
            self.extra.setdefault(name, number or ANSWERS.get(kind, text))


def _is_exact(candidate: tuple[Tag, str, str]) -> bool:
    """Return whether a field's name or label contains "username" itself."""
    control, label, _ = candidate
    return any(map(EXACT_USERNAME.search, (str(control.get("name", "")), label)))


def _choices(control: Tag) -> list[str]:
    """Return the values of a list of choices except empty ones."""
    values = [
        str(option.get("value", option.get_text()))
        for option in control.find_all("option")
        if not option.has_attr("disabled")
    ]
    return list(filter(None, values))
