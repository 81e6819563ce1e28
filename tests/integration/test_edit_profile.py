"""The form that edits a profile, and its validator."""

import re
from contextlib import suppress

import pytest

from tests.harness.capabilities import NotOffered, require_saved_change
from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour, own_only
from tests.harness.probe.client import ProbeError, Statement
from tests.harness.server.site import Site

TAKEN = ["Please use a different username."]


def asks_for(column: str, statements: list[Statement]) -> int:
    """Return how many statements search for a value of the column."""
    return sum(
        bool(re.search(rf"WHERE.*{column}", one.sql, re.S)) for one in statements
    )


@pytest.fixture
def susanna(site: Site, susan: Visitor) -> Visitor:
    """Susan, whose form has saved an unchanged and a changed name.

    A refusal proves something only if the form saves what it should accept.
    """
    with suppress(NotOffered):  # without an about-me there is nothing to check
        susan.edit_profile(about_me="the name untouched")
        assert site.users.profiles[0] == ("susan", "the name untouched"), (
            f"An about-me was saved, and stored is {site.users.profiles[0]}."
        )
    susan.edit_profile(username="susanna")
    assert site.users.names == ["susanna", "john"], (
        f"The names that are stored: {', '.join(site.users.names)}."
    )
    return susan


@behaviour("edit-profile.login-required")
def test_anonymous_visitors_are_sent_to_sign_in(visitor: Visitor) -> None:
    """Anonymous visitors are sent from the form to the sign-in page."""
    page = visitor.open(visitor.sitemap.edit_profile)
    assert page.path == visitor.sitemap.login, f"{page.answer} to an anonymous visitor."


@behaviour("edit-profile.prefilled")
def test_form_opens_with_current_values(site: Site, susan: Visitor) -> None:
    """The form opens with the current username and about-me."""
    site.users.set_about_me("susan", "I read.\nI write.")

    page = susan.open(susan.sitemap.edit_profile)

    form = susan.form(page, "username", "about_me")
    assert susan.value(form, "username") == "susan", (
        f"The field for the name has {susan.value(form, 'username')!r}, not 'susan'."
    )
    about_me = susan.value(form, "about_me")
    assert about_me.splitlines() == ["I read.", "I write."], (
        f"The field for the about-me has {about_me!r}."
    )


@behaviour("edit-profile.csrf")
@pytest.mark.parametrize("token", [None, "forged"], ids=["missing", "forged"])
def test_without_token_nothing_changes(
    site: Site, susan: Visitor, token: str | None
) -> None:
    """A form without a valid token changes nothing."""
    require_saved_change(site, susan, about_me="with its token")
    before = site.users.profiles
    page = susan.open(susan.sitemap.edit_profile)

    susan.submit(susan.form(page, "about_me"), token=token, about_me="forged")

    assert site.users.profiles == before, (
        f"Stored is {site.users.profiles}, before it was {before}."
    )


@behaviour("edit-profile.rename")
def test_rename(site: Site, susan: Visitor) -> None:
    """A free name is saved; the new profile opens and the old one is gone."""
    susan.edit_profile(username="susanna")

    assert site.users.names == ["susanna", "john"], (
        f"The names that are stored: {', '.join(site.users.names)}."
    )
    page = susan.profile("susanna")
    assert page.status == 200, f"{page.answer}."
    assert "susanna" in page.text, f"The new profile says {page.text[:200]!r}."
    old = susan.profile("susan")
    assert old.status != 200 or old.path != susan.sitemap.profile("susan"), (
        f"The profile under the old name still opens: {old.answer}."
    )


@own_only
@behaviour("edit-profile.rename")
def test_old_address_is_not_found(susan: Visitor) -> None:
    """After a rename, the old profile address answers 404."""
    page = susan.edit_profile(username="susanna")

    assert page.messages == ["Your changes have been saved."]
    assert susan.profile("susan").status == 404


@behaviour("edit-profile.unchanged-name")
def test_unchanged_name(site: Site, susan: Visitor) -> None:
    """An unchanged username is accepted, and the about-me is saved."""
    page = susan.edit_profile(about_me="I read.")

    assert page.status < 500, f"{page.answer}."
    assert site.users.profiles[0] == ("susan", "I read."), (
        f"Stored is {site.users.profiles[0]}; the page says {page.text[:200]!r}."
    )


@behaviour("edit-profile.unchanged-name-asks-nothing")
def test_unchanged_name_asks_nothing(site: Site, susan: Visitor) -> None:
    """An unchanged username causes no additional query for a username."""
    page = susan.open(susan.sitemap.edit_profile)
    form = susan.form(page, "username", "about_me")

    with site.probe.statements() as usual:
        susan.open(susan.sitemap.edit_profile)
    with site.probe.statements() as seen:
        susan.submit(form, about_me="I read.")

    column = site.users.table.username
    posted = [one for one in seen if one.request.startswith("POST")]
    # A target may load its visitor by name, on every page.
    assert asks_for(column, posted) <= asks_for(column, usual), (
        f"Saving the form with the untouched name asks for a {column} "
        f"{asks_for(column, posted)} times, opening it {asks_for(column, usual)} times."
    )


@behaviour("edit-profile.taken-name")
def test_taken_name_is_refused(susanna: Visitor) -> None:
    """Another user's name is refused, and the form keeps the typed values."""
    page = susanna.edit_profile(username="john")

    assert page.status == 200, f"{page.answer}."
    form = susanna.form(page, "username")
    assert susanna.value(form, "username") == "john", (
        f"The field for the name has {susanna.value(form, 'username')!r}, not 'john'."
    )


@behaviour("edit-profile.taken-name")
def test_refusal_keeps_both_fields(susanna: Visitor) -> None:
    """A refused rename is shown with the about-me that was typed, too."""
    page = susanna.edit_profile(username="john", about_me="as typed")

    about_me = susanna.value(susanna.form(page, "about_me"), "about_me")
    assert about_me == "as typed", f"The field for the about-me has {about_me!r}."


@own_only
@behaviour("edit-profile.taken-name")
def test_refusal_says_why(susan: Visitor, john: Visitor) -> None:
    """The username field shows the chapter's message for a taken name."""
    page = susan.edit_profile(username="john", about_me="as typed")

    assert page.errors("Username") == TAKEN
    assert page.value("About me") == "as typed"


@behaviour("edit-profile.refusal-says-why")
@pytest.mark.parametrize(
    "typed",
    [{"username": "john"}, {"username": ""}, {"about_me": "x" * 141}],
    ids=["taken-name", "empty-name", "long-about-me"],
)
def test_refusal_shows_a_message(susan: Visitor, typed: dict[str, str]) -> None:
    """A refused form is shown again with a message that was not there before."""
    served = susan.open(susan.sitemap.edit_profile)

    page = susan.edit_profile(**typed)

    susan.form(page, *typed)
    new = set(page.soup.stripped_strings) - set(served.soup.stripped_strings)
    assert new - set(typed.values()), "The refused form shows nothing new."


@behaviour("edit-profile.taken-name")
def test_refusal_stores_nothing(site: Site, susanna: Visitor) -> None:
    """A refused rename stores neither the name nor the about-me."""
    before = site.users.profiles

    susanna.edit_profile(username="john", about_me="does not arrive")

    assert site.users.profiles == before, (
        f"Stored is {site.users.profiles}, before it was {before}."
    )


@behaviour("edit-profile.taken-name")
def test_refusal_is_no_error(site: Site, susanna: Visitor) -> None:
    """A refused rename is neither logged as an error nor mailed."""
    susanna.edit_profile(username="john")

    reported = site.reported_errors()
    assert reported == [], f"An error was reported: {reported[0]}."


@behaviour("edit-profile.empty-name")
@pytest.mark.parametrize("name", ["", "   "], ids=["empty", "blank"])
def test_empty_name(site: Site, susan: Visitor, name: str) -> None:
    """An empty or blank username is refused, and the old one stays."""
    require_saved_change(site, susan, username="susanna")

    page = susan.edit_profile(username=name)

    assert page.status < 500, f"{page.answer}."
    assert site.users.names == ["susanna", "john"], (
        f"The names that are stored: {', '.join(site.users.names)}."
    )


@own_only
@behaviour("edit-profile.empty-name")
def test_empty_name_has_a_message(susan: Visitor) -> None:
    """The username field shows that a name is missing."""
    assert susan.edit_profile(username="").errors("Username") != []


@behaviour("edit-profile.about-me-140")
@pytest.mark.parametrize(
    ("length", "saved"), [(140, True), (141, False)], ids=["most", "too-long"]
)
def test_about_me_length(site: Site, susan: Visitor, length: int, saved: bool) -> None:
    """An about-me of 140 characters is saved, and one of 141 refused."""
    page = susan.edit_profile(about_me="x" * length)

    assert page.status < 500, f"{page.answer}."
    assert (site.users.profiles[0][1] == "x" * length) is saved, (
        f"An about-me of {length} characters is {'not ' if saved else ''}saved."
    )


@behaviour("edit-profile.about-me-140")
def test_long_about_me_changes_nothing(site: Site, susan: Visitor) -> None:
    """With an about-me that is refused, a free name is not saved either."""
    page = susan.edit_profile(username="susanna", about_me="x" * 141)

    assert page.status < 500, f"{page.answer}."
    assert site.users.names == ["susan", "john"], (
        f"The names that are stored: {', '.join(site.users.names)}."
    )


@behaviour("edit-profile.about-me-as-seen")
def test_line_breaks_count_once(site: Site, susan: Visitor) -> None:
    """The form counts a line break as one character, though browsers send two."""
    susan.edit_profile(about_me="x\r\n" * 69 + "x")

    about_me = site.users.profiles[0][1]
    assert about_me is not None, "Of the about-me nothing is stored."
    assert about_me.split() == ["x"] * 70, (
        f"Of the 70 lines {len(about_me.split())} are stored."
    )


@behaviour("edit-profile.name-freed")
def test_freed_name_can_be_taken(site: Site, susan: Visitor, john: Visitor) -> None:
    """A name that its owner gave up can be taken by another user."""
    susan.edit_profile(username="susanna")
    john.edit_profile(username="susan")

    assert site.users.names == ["susanna", "susan"], (
        f"The names that are stored: {', '.join(site.users.names)}."
    )


@behaviour("edit-profile.constraint")
def test_schema_keeps_names_unique(site: Site, susan: Visitor) -> None:
    """The database refuses a second user with the same name."""
    site.users.rename("john", to="jane")

    refusal = ""
    try:
        site.users.rename("jane", to="susan")
    except ProbeError as error:
        refusal = str(error)
    assert "unique" in refusal.lower(), "The database takes a second user of a name."


@behaviour("edit-profile.same-name-other-spelling")
@pytest.mark.parametrize(
    "spelling",
    ["John", "ｊｏｈｎ", "JOHN", "𝐣𝐨𝐡𝐧"],
    ids=["capital", "wide", "capitals", "bold"],
)
def test_other_spelling_is_the_same_name(
    site: Site, susan: Visitor, spelling: str
) -> None:
    """Another user's name is refused in a different spelling."""
    require_saved_change(site, susan, username="susanna")

    page = susan.edit_profile(username=spelling)

    assert page.status < 500, f"{page.answer}."
    assert site.users.names == ["susanna", "john"], (
        f"The names that are stored: {', '.join(site.users.names)}."
    )


@own_only
@behaviour("edit-profile.same-name-other-spelling")
def test_own_name_in_another_spelling(susan: Visitor) -> None:
    """Users can change the spelling of their own name."""
    assert susan.edit_profile(username="Susan").errors("Username") == []
    assert susan.profile("susan").heading == "Susan"


@behaviour("edit-profile.name-limits")
@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        *(("x" * 64, True), ("x" * 65, False), ("a/b", False), (".", False)),
        *(("..", False), ("a\x1bb", False), ("a\0b", False), ("a\u202eb", False)),
    ],
    ids=["most", "too-long", "slash", "dot", "dots", "escape", "nul", "turned"],
)
def test_name_limits(site: Site, susan: Visitor, name: str, allowed: bool) -> None:
    """The form refuses only names that the column or a URL cannot hold."""
    page = susan.edit_profile(username=name)

    assert page.status == 200, f"{page.answer}."
    assert site.users.names == [name if allowed else "susan", "john"], (
        f"The names that are stored: {', '.join(site.users.names)}."
    )
