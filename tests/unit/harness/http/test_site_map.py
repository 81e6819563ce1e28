"""The addresses of a site's pages."""

import pytest

from tests.harness.capabilities import NotOffered
from tests.harness.http.site_map import SiteMap


def test_profile_path() -> None:
    """The path of a profile contains the percent-encoded name, slashes included."""
    assert SiteMap().profile("a/b ?") == "/user/a%2Fb%20%3F"


def test_missing_page() -> None:
    """A page that a site lacks is reported as not offered, by its purpose."""
    with pytest.raises(NotOffered, match="no page to sign in was found"):
        _ = SiteMap(places={"home": "/"}).login
