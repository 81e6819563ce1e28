"""Shows that what is refused could have been stored: else a refusal shows nothing."""

from tests.harness.offered import NotOffered
from tests.harness.site import Site
from tests.harness.visitor import Visitor


def demand_change(site: Site, visitor: Visitor, **typed: str) -> None:
    """
    Change a profile by its form, as everybody may.

    :raise NotOffered: it is not stored, so that a refusal shows nothing
    """
    visitor.edit_profile(**typed)
    stored = {text for profile in site.people.profiles for text in profile}
    if not stored.issuperset(typed.values()):
        raise NotOffered(
            "the form that edits a profile does not store "
            f"{' and '.join(map(repr, typed.values()))} either: "
            "what it refuses shows nothing"
        )
