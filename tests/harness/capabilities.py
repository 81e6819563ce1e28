"""Features that a target may leave out, and checks for them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.harness.http.visitor import Visitor
    from tests.harness.server.site import Site


class NotOffered(Exception):
    """The target lacks what a behaviour is about; the message names it.

    A contract run reports this as a verdict of its own. For our own microblog it is an
    error like any other, as it offers everything in the catalogue.
    """


def require_gunicorn(python: str) -> None:
    """Check that gunicorn is installed for the interpreter *python*.

    Raises:
        NotOffered: It is not installed.
    """
    command = [python, "-c", "import gunicorn"]
    if subprocess.run(command, stderr=subprocess.DEVNULL).returncode:
        raise NotOffered("gunicorn is not installed with it")


def require_saved_change(site: Site, visitor: Visitor, **typed: str) -> None:
    """Change a profile through its form and check that the change is stored.

    This is the control experiment for a test that expects a refusal: if nothing is
    ever stored, a refused value shows nothing.

    Raises:
        NotOffered: The change was not stored.
    """
    visitor.edit_profile(**typed)
    stored = {text for profile in site.users.profiles for text in profile}
    if not stored.issuperset(typed.values()):
        raise NotOffered(
            "the form that edits a profile does not store "
            f"{' and '.join(map(repr, typed.values()))} either: "
            "what it refuses shows nothing"
        )
