"""What the form for a post accepts and refuses."""

import pytest
from werkzeug.datastructures import MultiDict

from app.forms import PostForm
from tests.harness.plugin.behaviour import SHOULD, behaviour

pytestmark = pytest.mark.usefixtures("request_context")


@behaviour("posts.length-140", SHOULD)
@pytest.mark.parametrize(("length", "valid"), [(1, True), (140, True), (141, False)])
def test_post_length(length: int, valid: bool) -> None:
    """A post of 1 to 140 characters is accepted."""
    assert PostForm(formdata=MultiDict({"body": "x" * length})).validate() == valid


@behaviour("posts.empty-refused", SHOULD)
@pytest.mark.parametrize(
    "body",
    [
        *("", " \r\n ", "\u200b", "\u00ad \ufeff", "\u2800\u3164", "\ufe0f"),
        *("\u2060\n\u200e", "\U000e0020"),
    ],
)
def test_empty_post(body: str) -> None:
    """A post in which there is nothing to see is refused."""
    form = PostForm(formdata=MultiDict({"body": body}))

    assert not form.validate()
    assert form.errors == {"body": ["This field is required."]}


@behaviour("posts.write", SHOULD)
@pytest.mark.parametrize("body", ["a\u200db", "\u2764\ufe0f", "\uf8ff", "\U0001fae9"])
def test_post_with_something_unseen(body: str) -> None:
    """A post of signs is accepted, also of such as this version does not know."""
    assert PostForm(formdata=MultiDict({"body": body})).validate()


@behaviour("accounts.bad-text", SHOULD)
def test_illegible_post() -> None:
    """A post with a control character is refused."""
    form = PostForm(formdata=MultiDict({"body": "a\x1b[2Jb"}))

    assert not form.validate()
    assert form.errors == {
        "body": ["Please use plain text, without control characters."]
    }
