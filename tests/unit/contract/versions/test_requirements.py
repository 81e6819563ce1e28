"""Requirements with other bounds than those of the target."""

import pytest
from packaging.requirements import Requirement

from tests.contract.requirements import Requirements
from tests.contract.target_errors import CannotBeJudged
from tests.contract.versions.requirements import (
    from_pins,
    overridden,
    parsed_lines,
    without_pins,
)


def texts(requirements: list[Requirement]) -> list[str]:
    """Return requirements as they are written."""
    return list(map(str, requirements))


def test_lines() -> None:
    """Hashes and the options of pip are left out."""
    lines = ("--index-url x", "Flask==3.0   --hash=sha256:aa", "b; python_version>'3'")

    assert texts(parsed_lines(Requirements("requirements.txt", lines))) == [
        "Flask==3.0",
        'b; python_version > "3"',
    ]


def test_unreadable() -> None:
    """The file of a line that is not a requirement is named."""
    with pytest.raises(CannotBeJudged, match=r"^old\.txt cannot be read: "):
        parsed_lines(Requirements("old.txt", ("a b c",)))


def test_pins() -> None:
    """Exact versions can be left open, or become lower bounds; ranges stay."""
    wanted = list(map(Requirement, ["a==1.0", "b<3,>=2", "c===2", "d==3.*", "e==4+x"]))

    assert texts(without_pins(wanted)) == ["a", "b<3,>=2", "c", "d==3.*", "e"]
    assert texts(from_pins(wanted)) == ["a>=1.0", "b<3,>=2", "c>=2", "d==3.*", "e>=4"]


def test_overridden() -> None:
    """A requirement replaces the one for the same package in any spelling."""
    wanted = [Requirement("Flask_Login>=1"), Requirement("flask")]

    assert texts(overridden(wanted, [Requirement("flask-login<1")])) == [
        "flask",
        "flask-login<1",
    ]
