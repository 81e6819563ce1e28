"""The harness in Chromium detects what is wrong with a page."""

from collections.abc import Callable

import pytest

from tests.harness.chromium.look import Look
from tests.harness.chromium.window import KeyboardWindow, OutOfReach, Window

PAGE = '<!doctype html><html lang="en"><title>x</title><main><h1>x</h1>{}</main>'


@pytest.fixture
def window(open_window: Callable[..., Window]) -> Window:
    """A window for any page."""
    return open_window()


@pytest.mark.parametrize("host", ["192.0.2.1", "elsewhere.example", "localhost"])
def test_other_hosts(window: Window, host: str) -> None:
    """Requests to other hosts are recorded and blocked."""
    with window.page.expect_event("requestfailed") as failed:
        window.page.set_content(PAGE.format(f'<img src="http://{host}/x.png" alt="">'))

    assert window.foreign == [f"http://{host}/x.png"]
    assert failed.value.failure == "net::ERR_NAME_NOT_RESOLVED"


def test_complaints(window: Window) -> None:
    """Console errors are recorded, such as a violated policy."""
    window.open("/login")
    window.page.evaluate("document.body.append(document.createElement('iframe'))")
    with window.page.expect_console_message():
        window.page.evaluate("document.querySelector('iframe').src = '/login'")

    assert "Content Security Policy" in window.complaints[0]


def test_missing_file(window: Window) -> None:
    """A missing file is recorded with its status."""
    window.open("/login")
    with window.page.expect_response("**/nope.png") as answer:
        window.page.evaluate("new Image().src = '/nope.png'")
    answer.value.finished()

    assert window.complaints == [f"{answer.value.url} answers 404"]


@pytest.mark.parametrize(
    ("content", "seen", "expected"),
    [
        pytest.param(
            '<img src="data:,">',
            lambda look: look.violations["dark"][0].partition(":")[0],
            "image-alt",
            id="axe",
        ),
        pytest.param(
            '<p style="color: light-dark(#999, white)">too pale</p>'
            "<style>:root { color-scheme: light dark }</style>",
            lambda look: [len(found) for found in look.violations.values()],
            [1, 0],
            id="contrast-in-light",
        ),
        pytest.param(
            "<p>pale</p><style>@media (width < 400px) { p { color: #999 } }</style>",
            lambda look: [len(found) for found in look.violations.values()],
            [1, 1],
            id="contrast-on-a-telephone",
        ),
        pytest.param(
            '<div style="width: 700px">x</div>',
            lambda look: [len(found) for found in look.overflow.values()],
            [1, 0, 0],
            id="overflow",
        ),
        pytest.param(
            '<p style="font-size: 9px">x</p>',
            lambda look: min(look.smallest_text.values()),
            9,
            id="small-text",
        ),
        pytest.param(
            f'<p style="font: 1px monospace">{"x" * 300}</p>',
            lambda look: look.longest_line[1280],
            300,
            id="long-line",
        ),
    ],
)
def test_look(
    window: Window, content: str, seen: Callable[[Look], object], expected: object
) -> None:
    """A look at a page finds its faults."""
    window.page.set_content(PAGE.format(content))

    assert seen(Look.at(window)) == expected


def test_out_of_reach(open_window: Callable[..., Window]) -> None:
    """An element that Tab does not reach is reported."""
    window = open_window(KeyboardWindow)
    window.page.set_content(PAGE.format('<a href="/" tabindex="-1">Home</a>'))

    with pytest.raises(OutOfReach, match="60 times Tab"):
        window.follow("Home")
