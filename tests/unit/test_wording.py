"""What the error pages say, one HTTP error at a time."""

from collections import Counter

import pytest
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import BadRequest, ImATeapot, default_exceptions

from app import errors
from app.wording import FORM_FROM_ELSEWHERE, OLD_FORM, WORDS, words
from tests.harness.plugin.behaviour import SHOULD, behaviour

JOKES = {ImATeapot.code}
FORMS = OLD_FORM, FORM_FROM_ELSEWHERE


@behaviour("errors.every-http-error", SHOULD)
def test_every_error_has_own_words() -> None:
    """Each HTTP error that Werkzeug knows, jokes apart, has words of its own."""
    assert set(WORDS) == set(default_exceptions) - JOKES


@behaviour("errors.every-http-error", SHOULD)
@pytest.mark.parametrize("code", sorted(WORDS))
@pytest.mark.usefixtures("request_context")
def test_page_has_the_words(code: int) -> None:
    """The page of an HTTP error has its heading and its text."""
    page = errors.http_error(default_exceptions[code]()).get_data(as_text=True)

    heading, text = WORDS[code]
    assert f"<h1>{heading}</h1>" in page
    assert f"<p>{text}</p>" in page


def test_no_two_errors_read_alike() -> None:
    """No two HTTP errors have the same text."""
    counted = Counter(text for _, text in [*WORDS.values(), *FORMS])

    assert counted.most_common(1)[0][1] == 1


@behaviour("errors.every-http-error", SHOULD)
def test_only_a_form_is_called_a_form() -> None:
    """An old form is told from another request that the site does not understand."""
    assert words(CSRFError("The CSRF token is missing.")) == OLD_FORM
    assert words(CSRFError("The referrer header is missing.")) == FORM_FROM_ELSEWHERE
    assert words(BadRequest()) == WORDS[400]


def test_other_errors_are_named_by_http() -> None:
    """An error without words of its own is called what HTTP calls it."""
    heading, text = words(ImATeapot())

    assert heading == "I'm a teapot"
    assert "could not be answered" in text
