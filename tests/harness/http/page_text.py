"""The text of a page: flashed messages, and error messages at form fields."""

import re
from collections.abc import Iterable
from itertools import takewhile

from bs4 import BeautifulSoup, Tag

#: The elements that hold the value of a field.
CONTROLS = ("input", "textarea", "select")

_FLASH_MARK = re.compile(r"flash|alert|message|notice", re.IGNORECASE)
_ERROR_MARK = re.compile(r"error|invalid|danger|alert|color: ?red", re.IGNORECASE)

#: Words of English error pages, without those of HTTP's own phrases.
_ENGLISH = re.compile(
    r"\b(the|an|has|is|was|not|our|we|you|this|please|sorry|something|went|wrong|"
    r"unexpected|occurred)\b"
)


def is_english(text: str) -> bool:
    """Return whether a text is clearly in English: two words, and no other letters."""
    ascii_only = all(letter.isascii() for letter in text if letter.isalpha())
    return ascii_only and len(set(_ENGLISH.findall(text.lower()))) > 1


def text_of(tag: Tag) -> str:
    """Return the text of an element with runs of whitespace collapsed."""
    return " ".join(tag.get_text(" ").split())


def flashes(soup: BeautifulSoup) -> list[str]:
    """Return the flashed messages, which are those outside forms."""
    marked = [
        tag
        for tag in soup.find_all(True)
        if tag.find_parent("form") is None
        and (
            tag.get("role") in ("status", "alert")
            or _FLASH_MARK.search(str(tag.get("class", "")))
        )
    ]
    # The tutorial's template shows them in a list without any class.
    lists = [tag for tag in soup.find_all("ul") if _is_plain_list(tag)]
    items = (
        item
        for tag in marked or lists[:1]
        for item in tag.find_all(["li", "p"]) or [tag]
    )
    return _unique(map(text_of, items))


def _is_plain_list(tag: Tag) -> bool:
    """Return whether a list has no links and is outside forms and navigation."""
    return not (tag.find("a") or tag.find_parent(["form", "nav"]))


def errors(form: Tag, control: Tag) -> list[str]:
    """Return the error messages that a form shows at one of its fields."""
    marked = [tag for tag in _around(form, control).find_all(True) if _is_error(tag)]
    for identity in str(control.get("aria-errormessage", "")).split():
        marked += form.find_all(id=identity)
    items = (item for tag in marked for item in tag.find_all("li") or [tag])
    return _unique(text_of(item).strip("[] ") for item in items)


def _around(form: Tag, control: Tag) -> Tag:
    """Return the largest element that holds *control* and no other visible field."""

    def is_its_own(parent: Tag) -> bool:
        fields = [tag for tag in parent.find_all(CONTROLS) if tag is not control]
        return parent is not form and all(tag.get("type") == "hidden" for tag in fields)

    return [control, *takewhile(is_its_own, control.parents)][-1]


def _is_error(tag: Tag) -> bool:
    """Return whether an element is marked as an error: by class, id, role or colour."""
    if tag.name in (*CONTROLS, "label"):
        return False
    marks = [tag.get(name, "") for name in ("class", "id", "role", "style")]
    return any(_ERROR_MARK.search(str(mark)) for mark in marks)


def _unique(texts: Iterable[str]) -> list[str]:
    """Return the texts in order, without repetitions and empty ones."""
    return list(dict.fromkeys(filter(None, texts)))
