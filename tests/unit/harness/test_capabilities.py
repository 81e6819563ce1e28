"""What shows that a refusal is one."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.harness.capabilities import NotOffered, require_saved_change


class Editor:
    """Somebody whose form stores the about-me, and nothing else."""

    def __init__(self) -> None:
        self.profiles: list[tuple[str, str | None]] = [("susan", None)]

    def edit_profile(self, username: str = "", about_me: str = "") -> None:
        """Change the profile."""
        self.profiles = [("susan", about_me)]


def change(**typed: str) -> None:
    """Demand that a change is stored."""
    editor: Any = Editor()
    site: Any = SimpleNamespace(users=editor)
    require_saved_change(site, editor, **typed)


def test_stored() -> None:
    """A form that stores what is allowed can show that it refuses the rest."""
    change(about_me="I read.")


def test_not_stored() -> None:
    """A form that stores nothing refuses nothing, which is told."""
    with pytest.raises(NotOffered, match="does not store 'susanna' either"):
        change(username="susanna")
