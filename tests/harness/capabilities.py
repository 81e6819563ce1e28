"""What a target may leave out, reported instead of skipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.harness.http.visitor import Visitor
    from tests.harness.server.site import Site


class NotOffered(Exception):
    """
    The target does not have what a behaviour is about; the message says what.

    In a contract run this is a verdict of its own. For our own microblog it is an
    error like any other: everything in the catalogue is offered there.
    """


def require_saved_change(site: Site, visitor: Visitor, **typed: str) -> None:
    """
    Change a profile by its form, as everybody may.

    :raise NotOffered: it is not stored, so that a refusal shows nothing
    """
    visitor.edit_profile(**typed)
    stored = {text for profile in site.users.profiles for text in profile}
    if not stored.issuperset(typed.values()):
        raise NotOffered(
            "the form that edits a profile does not store "
            f"{' and '.join(map(repr, typed.values()))} either: "
            "what it refuses shows nothing"
        )
