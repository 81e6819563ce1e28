"""Where things are on a site."""

import pytest

from tests.harness.capabilities import NotOffered
from tests.harness.http.site_map import SiteMap


def test_profile_address() -> None:
    """The address of a profile holds the name percent-encoded, slashes too."""
    assert SiteMap().profile("a/b ?") == "/user/a%2Fb%20%3F"


def test_known_field() -> None:
    """A field that tests name is looked for by its label and then its name."""
    assert SiteMap().names("remember") == ("Remember Me", "remember_me")


def test_other_field() -> None:
    """A field that the map does not know is looked for as it is called."""
    assert SiteMap().names("csrf_token") == ("csrf_token",)


def test_missing_place() -> None:
    """A page that a site does not have is said to be not offered, in words."""
    with pytest.raises(NotOffered, match="no page to sign in was found"):
        _ = SiteMap(places={"home": "/"}).login
