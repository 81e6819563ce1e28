"""The control experiment for a refused change."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.harness.capabilities import NotOffered, require_saved_change


class Editor:
    """A visitor whose form stores the about-me and nothing else."""

    def __init__(self) -> None:
        self.profiles: list[tuple[str, str | None]] = [("susan", None)]

    def edit_profile(self, username: str = "", about_me: str = "") -> None:
        """Change the profile, but not the username."""
        self.profiles = [("susan", about_me)]


def change(**typed: str) -> None:
    """Require that a change is stored."""
    editor: Any = Editor()
    site: Any = SimpleNamespace(users=editor)
    require_saved_change(site, editor, **typed)


def test_stored_change() -> None:
    """A form that stores an allowed change can be judged by what it refuses."""
    change(about_me="I read.")


def test_lost_change() -> None:
    """A form that does not store an allowed change is reported as not offering it."""
    with pytest.raises(NotOffered, match="does not store 'susanna' either"):
        change(username="susanna")
