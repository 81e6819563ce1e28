"""The error pages that visitors see."""

import re
from collections.abc import Callable

import pytest

from tests.harness.capabilities import NotOffered
from tests.harness.http.layout import frame, is_bare, layout, layout_links
from tests.harness.http.page_text import is_english
from tests.harness.http.visitor import Visitor
from tests.harness.mail.mailbox import Mailbox
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.server.site import Site

UNEXPECTED = "An unexpected error has occurred"
NOTIFIED = "The administrator has been notified. Sorry for the inconvenience!"
#: How other implementations may word it in English.
SAYS_NOTIFIED = re.compile(
    r"notif|inform|report|alert|aware|admin|logged|our team|we know|looking into", re.I
)
JSON = "application/problem+json"


@behaviour("errors.404-page")
def test_unknown_address(visitor: Visitor) -> None:
    """An unknown address answers 404 with a page of the site's own."""
    page = visitor.open("/nope")

    assert page.status == 404, f"{page.answer}."
    assert not is_bare(page), "Werkzeug's own page answers, not one of the site's."


@own_only
@behaviour("errors.404-page")
def test_404_heading(visitor: Visitor) -> None:
    """The 404 page has the heading "File Not Found"."""
    assert visitor.open("/nope").heading == "File Not Found"


@behaviour("errors.404-unknown-user")
@pytest.mark.parametrize(
    "name",
    ["nobody", "x" * 500, "a\0b", "🧍"],
    ids=["nobody", "long", "nul", "not-ascii"],
)
def test_unknown_user(susan: Visitor, name: str) -> None:
    """The profile of an unknown user answers 404."""
    page = susan.profile(name)
    assert page.status == 404, f"{page.answer}."
    assert not is_bare(page), "Werkzeug's own page answers, not one of the site's."


@behaviour("errors.500-page")
def test_unhandled_exception(site: Site, visitor: Visitor) -> None:
    """An unhandled exception answers 500 with a page of the site's own."""
    page = site.fail()

    assert page.status == 500, f"{page.answer}."
    assert not is_bare(page), "Werkzeug's own page answers, not one of the site's."
    unknown = visitor.open("/nope")
    assert unknown.status != 404 or page.text != unknown.text, (
        f"The page says the same as that of an unknown address: {page.text[:200]!r}."
    )


@behaviour("errors.500-page")
def test_500_for_programs(site: Site, visitor: Visitor) -> None:
    """An exception answers 500 to a client that asks for JSON, too."""
    path = site.probe.raising("on demand")

    page = visitor.open(path, headers={"Accept": "application/json"})

    assert page.status == 500, f"{page.answer} to a client that asks for JSON."


@own_only
@behaviour("errors.500-page")
def test_500_heading(site: Site) -> None:
    """The 500 page has the heading "An unexpected error has occurred"."""
    assert site.fail().heading == UNEXPECTED


@behaviour("errors.500-says-notified")
def test_500_says_notified(site: Site) -> None:
    """The 500 page says that the administrator has been notified."""
    page = site.fail()
    assert not is_bare(page), "Werkzeug's own page answers, not one of the site's."
    if not SAYS_NOTIFIED.search(page.text):  # pragma: no cover - other people's
        if not is_english(page.text):
            raise NotOffered(f"its 500 page is not in English: {page.text[:200]!r}")
        pytest.fail(f"The page says {page.text[:200]!r}.")


@own_only
@behaviour("errors.500-says-notified")
def test_500_in_the_chapters_words(site: Site) -> None:
    """The 500 page apologizes in the words of the chapter."""
    assert NOTIFIED in site.fail().text


@pytest.mark.parametrize("signed_in", [True, False], ids=["signed-in", "anonymous"])
@pytest.mark.parametrize(
    "status",
    [
        pytest.param(404, marks=behaviour("errors.404-layout")),
        pytest.param(500, marks=behaviour("errors.500-layout")),
    ],
)
def test_error_page_in_layout(
    site: Site, susan: Visitor, visitor: Visitor, status: int, signed_in: bool
) -> None:
    """The error page has the site's layout with the visitor's navigation."""
    somebody = susan if signed_in else visitor
    assert somebody.is_signed_in() is signed_in, (
        f"The usual pages are {'not ' if signed_in else ''}those of a signed-in user."
    )
    usual = somebody.usual_pages()
    if len(usual) == 1:  # pragma: no cover - other people's
        usual += susan.usual_pages()  # the content of one page is not the layout

    page = site.fail(visitor=somebody) if status == 500 else somebody.open("/nope")

    missing = layout(*usual) - layout_links(page)
    assert missing == set(), (
        f"The page lacks what all others have: {', '.join(sorted(missing))}."
    )
    # Some sites offer everybody to sign out, and some nobody.
    assert page.signed_in in {each.signed_in for each in usual}, (
        f"Its navigation is {'not ' if signed_in else ''}that of a signed-in user."
    )


@own_only
@pytest.mark.parametrize(
    "status",
    [
        pytest.param(404, marks=behaviour("errors.404-layout")),
        pytest.param(500, marks=behaviour("errors.500-layout")),
    ],
)
def test_error_page_has_all_of_the_layout(
    site: Site, susan: Visitor, status: int
) -> None:
    """The error page has the stylesheet and the navigation of the home page."""
    page = site.fail(visitor=susan) if status == 500 else susan.open("/nope")

    assert page.status == status, f"{page.answer}."
    assert frame(page) == frame(susan.home())


@pytest.mark.parametrize(
    "status",
    [
        pytest.param(404, marks=behaviour("errors.404-back")),
        pytest.param(500, marks=behaviour("errors.500-layout")),
    ],
)
def test_way_back(site: Site, susan: Visitor, status: int) -> None:
    """The error page links back to the home page."""
    page = site.fail(visitor=susan) if status == 500 else susan.open("/nope")

    ways_home = [path for path in layout_links(page) if susan.is_home(path)]
    assert ways_home != [], "The page has no link to the home page."


@own_only
@pytest.mark.parametrize(
    "status",
    [
        pytest.param(404, marks=behaviour("errors.404-back")),
        pytest.param(500, marks=behaviour("errors.500-layout")),
    ],
)
def test_way_back_is_called_back(site: Site, susan: Visitor, status: int) -> None:
    """The link back to the home page reads "Back"."""
    page = site.fail(visitor=susan) if status == 500 else susan.open("/nope")

    assert susan.follow(page, "Back").path == susan.sitemap.home


@behaviour("errors.abort-500-is-reported")
def test_abort_500(site: Site, visitor: Visitor) -> None:
    """An abort(500) is logged and mailed, as its page claims."""
    page = visitor.open(site.probe.aborting(500))

    assert page.status == 500, f"{page.answer}."
    mails = site.mails()
    assert len(mails) == 1, f"{len(mails)} mails came, one was expected."
    errors = [record for record in site.records() if record.level == "ERROR"]
    assert len(errors) == 1, f"The log has {len(errors)} errors, one was expected."


@behaviour("errors.every-http-error")
@pytest.mark.parametrize("status", [400, 401, 403, 409, 410, 413, 418, 429, 501, 503])
def test_every_error_in_layout(site: Site, visitor: Visitor, status: int) -> None:
    """Each HTTP error keeps its status and has the site's layout."""
    sitemap = visitor.sitemap
    usual = layout(*map(visitor.open, (sitemap.login, sitemap.register)))

    page = visitor.open(site.probe.aborting(status))

    assert page.status == status, f"{page.answer}."
    missing = usual - layout_links(page)
    assert missing == set(), f"The page lacks {', '.join(sorted(missing))}."


@own_only
@behaviour("errors.every-http-error")
def test_method_not_allowed(susan: Visitor) -> None:
    """A 405 response keeps its Allow header."""
    page = susan.open("/logout")

    assert page.status == 405
    assert set(page.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}
    assert frame(page) == frame(susan.home())


@own_only
@behaviour("errors.every-http-error")
def test_lost_token(susan: Visitor) -> None:
    """A form without its token gets a page that explains what to do."""
    page = susan.request("POST", "/", data={"body": "x"})

    assert (page.status, page.heading) == (400, "Form Not Accepted")
    assert "try again" in page.text
    assert frame(page) == frame(susan.home())


@own_only
@behaviour("errors.as-json")
@pytest.mark.parametrize("accept", [JSON, "application/json"])
@pytest.mark.parametrize("status", [404, 500])
def test_json(site: Site, visitor: Visitor, status: int, accept: str) -> None:
    """A client that prefers JSON gets a problem document with the same status."""
    path = "/nope" if status == 404 else site.probe.raising("on demand")
    page = visitor.open(path, headers={"Accept": accept})

    assert page.status == status, f"{page.answer}."
    assert page.headers["Content-Type"] == JSON
    assert page.json["status"] == status


@own_only
@behaviour("errors.reference")
def test_reference(site: Site) -> None:
    """The 500 page, its log record and its mail carry the same reference."""
    reference = site.fail().reference

    [mail] = site.mails()
    [record] = [record for record in site.records() if record.level == "ERROR"]

    assert re.fullmatch(r"[A-Z2-9]{8}", reference)
    assert reference in mail.text
    assert reference in record.message


@own_only
@behaviour("errors.reference")
def test_references_differ(site: Site) -> None:
    """Each failed request has its own reference."""
    references = {site.fail().reference for _ in range(3)}

    assert len(references) == 3


@behaviour("errors.not-cached")
@pytest.mark.parametrize("status", [404, 500])
def test_error_pages_are_not_cached(site: Site, visitor: Visitor, status: int) -> None:
    """Error pages forbid caching."""
    page = site.fail() if status == 500 else visitor.open("/nope")

    assert "no-store" in page.headers.get("Cache-Control", ""), (
        f"Its Cache-Control is {page.headers.get('Cache-Control', 'not set')}."
    )


@behaviour("errors.head")
@pytest.mark.parametrize("status", [404, 500])
def test_head(site: Site, visitor: Visitor, status: int) -> None:
    """HEAD answers an error with the same status and no body."""
    path = "/nope" if status == 404 else site.probe.raising("on demand")
    page = visitor.request("HEAD", path)

    assert (page.status, page.body) == (status, b""), (
        f"{page.answer}, with {len(page.body)} bytes."
    )


@own_only
@behaviour("errors.page-without-template")
@behaviour("errors.reference")
def test_page_without_template(launch: Callable[..., Site]) -> None:
    """Without its template a fixed page answers, and both failures are logged."""
    with Mailbox() as mailbox:
        site = launch(mail=mailbox)
        (site.code / "app" / "templates" / "errors" / "error.html").unlink()

        page = site.fail("the first failure")

        assert (page.status, page.heading) == (500, UNEXPECTED)
        assert page.has_link("Back")
        assert page.soup.select_one("meta[name=viewport]")
        [mail, _] = site.mails()
        failures = [one for one in site.records() if one.level == "ERROR"]
    assert page.reference in mail.text
    assert [page.reference in one.message for one in failures] == [True, True]
    assert "RuntimeError: the first failure" in failures[0].trace
    assert "TemplateNotFound: errors/error.html" in failures[1].trace


@own_only
@behaviour("errors.link-unbuildable")
def test_link_to_a_removed_endpoint(launch: Callable[..., Site]) -> None:
    """An error page with a link that cannot be built is replaced by a fixed page."""
    site = launch()
    template = site.code / "app" / "templates" / "base.html"
    text = template.read_text(encoding="utf-8")
    template.write_text(text.replace("'posts.index'", "'posts.removed'"), "utf-8")

    pages = [site.visitor().open("/nope"), site.fail()]

    assert [(page.status, page.heading) for page in pages] == [
        *((404, "File Not Found"), (500, UNEXPECTED))
    ]
    assert all(page.has_link("Back") for page in pages)
    traces = [record.trace for record in site.records() if record.level == "ERROR"]
    assert sum("BuildError" in trace for trace in traces) == 2
