"""Pages for people who use a keyboard, a screen reader or a dark scheme."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.harness.chromium.scenes import shown
from tests.harness.chromium.window import SCHEMES, Window
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

OPERABLE = "a, button, textarea, input:not([type=hidden])"

#: The focused element: its index, whether it is visible, and the contrast of
#: its focus ring as WCAG 2.2 defines contrast.
STOP = """selector => {
    const stop = document.activeElement;
    const {outlineStyle, outlineWidth, outlineColor} = getComputedStyle(stop);
    const box = stop.getBoundingClientRect();
    const luminance = colour => {
        const [red, green, blue] = colour.match(/[\\d.]+/g).map(Number).map(
            part => part <= 10 ? part / 3294 : ((part / 255 + 0.055) / 1.055) ** 2.4
        );
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
    };
    let around = stop.parentElement;
    while (getComputedStyle(around).backgroundColor === "rgba(0, 0, 0, 0)")
        around = around.parentElement;
    const ring = luminance(outlineColor);
    const ground = luminance(getComputedStyle(around).backgroundColor);
    return {
        contrast: Math.max(ring, ground) / Math.min(ring, ground),
        number: [...document.querySelectorAll(selector)].indexOf(stop),
        outline: outlineStyle === "none" ? 0 : parseFloat(outlineWidth),
        seen: box.width > 10 && box.bottom > 0 && box.top < innerHeight,
    };
}"""

#: The colours of an element's ring and border.
COLOURS = """element => {
    const {outlineColor, borderTopColor} = getComputedStyle(element);
    return [outlineColor, borderTopColor];
}"""

#: The text before an element, and the part that is read out.
SIGN = "element => getComputedStyle(element, '::before').content"

#: The lightness of a page's colour, from 0 to 1.
LIGHTNESS = """() => {
    const colour = getComputedStyle(document.body).backgroundColor;
    return Math.max(...colour.match(/[\\d.]+/g).slice(0, 3)) / 255;
}"""


@behaviour("pages.keyboard")
@pytest.mark.parametrize("scene", ["sign-in", "home", "edit-profile", "not-found"])
def test_every_stop_shows(chromium: Browser, site: Site, scene: str) -> None:
    """Tab reaches everything operable in order, with a visible focus."""
    with shown(scene, site, chromium) as window:
        count = window.page.locator(OPERABLE).count()
        stops = []
        for _ in range(count):
            window.page.keyboard.press("Tab")
            for scheme in SCHEMES:
                window.page.emulate_media(color_scheme=scheme)
                stops.append(window.page.evaluate(STOP, OPERABLE))

    assert min(stop.pop("contrast") for stop in stops) >= 4.5
    assert stops == [
        {"number": number, "outline": 3, "seen": True}
        for number in range(count)
        for _ in SCHEMES
    ]


@behaviour("pages.keyboard")
def test_wrong_field_is_all_red(chromium: Browser, site: Site) -> None:
    """The focus ring of an invalid field has the colour of its border."""
    with shown("name-taken", site, chromium) as window:
        stop = window.page.evaluate(STOP, OPERABLE)
        ring, border = window.page.locator(":focus").evaluate(COLOURS)

    assert ring == border
    assert stop["contrast"] >= 4.5


@behaviour("pages.accessible")
def test_wrong_field_has_a_sign(chromium: Browser, site: Site) -> None:
    """An invalid field is marked by a sign, not only by a colour."""
    with shown("name-taken", site, chromium) as window:
        sign = window.page.locator(".errors li").evaluate(SIGN)

    assert sign == '"!" / ""'


@behaviour("pages.keyboard")
def test_skip_link(site: Site, chromium: Browser) -> None:
    """The first Tab offers to skip the navigation, and leads to the content."""
    with shown("home", site, chromium) as window:
        window.page.keyboard.press("Tab")
        window.page.keyboard.press("Enter")
        window.page.keyboard.press("Tab")

        assert window.page.get_by_label("Say something").evaluate(
            "element => element === document.activeElement"
        )


@behaviour("pages.keyboard")
def test_first_error_has_the_focus(site: Site, chromium: Browser) -> None:
    """A refused form focuses its first invalid field."""
    with shown("name-taken", site, chromium) as window:
        focused = window.page.locator(":focus")

        assert focused.get_attribute("name") == "username"


@behaviour("pages.announced")
@pytest.mark.parametrize(
    ("scene", "role", "text"),
    [
        ("posted", "status", "Your post is now live!"),
        ("saved", "status", "Your changes have been saved."),
        ("sign-in", "status", "Please log in to access this page."),
        ("sign-in-refused", "alert", "Invalid username or password"),
    ],
)
def test_messages_are_announced(
    site: Site, chromium: Browser, scene: str, role: str, text: str
) -> None:
    """The outcome of a form has a role that screen readers announce."""
    with shown(scene, site, chromium) as window:
        assert window.page.locator(f"[role={role}]").all_inner_texts() == [text]


@behaviour("pages.announced")
def test_errors_belong_to_their_fields(site: Site, chromium: Browser) -> None:
    """A screen reader reads a field's error message with the field."""
    with shown("register-refused", site, chromium) as window:
        fields = ["Username", "Email", "Password", "Repeat Password"]
        read = [
            window.described(window.page.get_by_label(label, exact=True))
            for label in fields
        ]

    assert read == [
        "Please use a different username.",
        "Invalid email address.",
        "At least 15 characters: a few words do well. Please use 15 to 128 characters.",
        "Field must be equal to password.",
    ]


@behaviour("pages.light-and-dark")
@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_light_and_dark(
    open_window: Callable[..., Window], scheme: str, dark: bool
) -> None:
    """Pages are light or dark as the visitor's system prefers."""
    window = open_window(scheme=scheme)
    window.open("/login")

    assert (window.page.evaluate(LIGHTNESS) < 0.5) is dark
