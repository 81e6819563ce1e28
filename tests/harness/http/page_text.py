"""What a page says to its reader: what just happened, and what is wrong at a field."""

import re
from collections.abc import Iterable
from itertools import takewhile

from bs4 import BeautifulSoup, Tag

#: The elements that one fills in.
CONTROLS = ("input", "textarea", "select")

_FLASH_MARK = re.compile(r"flash|alert|message|notice", re.IGNORECASE)
_ERROR_MARK = re.compile(r"error|invalid|danger|alert|color: ?red", re.IGNORECASE)


def words(tag: Tag) -> str:
    """Return the text of *tag*, blanks run together."""
    return " ".join(tag.get_text(" ").split())


def flashes(soup: BeautifulSoup) -> list[str]:
    """Return the messages about what just happened, outside forms."""
    marked = [
        tag
        for tag in soup.find_all(True)
        if tag.find_parent("form") is None
        and (
            tag.get("role") in ("status", "alert")
            or _FLASH_MARK.search(str(tag.get("class", "")))
        )
    ]
    lists = [tag for tag in soup.find_all("ul") if _is_plain_list(tag)]
    items = (
        item
        for tag in marked or lists[:1]
        for item in tag.find_all(["li", "p"]) or [tag]
    )
    return _each_once(map(words, items))


def _is_plain_list(tag: Tag) -> bool:
    """Tell a list of flashes from navigation: no links, not in a form or a nav."""
    return not (tag.find("a") or tag.find_parent(["form", "nav"]))


def errors(form: Tag, control: Tag) -> list[str]:
    """Return the messages that *form* ties to one of its fields."""
    marked = [tag for tag in _around(form, control).find_all(True) if _is_error(tag)]
    for identity in str(control.get("aria-errormessage", "")).split():
        marked += form.find_all(id=identity)
    items = (item for tag in marked for item in tag.find_all("li") or [tag])
    return _each_once(words(item).strip("[] ") for item in items)


def _around(form: Tag, control: Tag) -> Tag:
    """Return the largest element that holds *control* and no other field."""

    def is_its_own(parent: Tag) -> bool:
        fields = [tag for tag in parent.find_all(CONTROLS) if tag is not control]
        return parent is not form and all(tag.get("type") == "hidden" for tag in fields)

    return [control, *takewhile(is_its_own, control.parents)][-1]


def _is_error(tag: Tag) -> bool:
    """Tell whether an element is marked as an error: by class, id, role or colour."""
    if tag.name in (*CONTROLS, "label"):
        return False
    marks = [tag.get(name, "") for name in ("class", "id", "role", "style")]
    return any(_ERROR_MARK.search(str(mark)) for mark in marks)


def _each_once(texts: Iterable[str]) -> list[str]:
    """Return the texts in their order, without repetitions and empty ones."""
    return list(dict.fromkeys(filter(None, texts)))
