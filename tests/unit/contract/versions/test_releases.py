"""The order in which releases are bisected."""

from datetime import UTC, datetime

import pytest

from tests.contract.versions import releases as module
from tests.contract.versions.environments import Package
from tests.contract.versions.releases import merged, releases, upgraded
from tests.contract.versions.uv import NotInstallable
from tests.unit.contract.versions.environments_at_hand import environment, package

GOOD = package("werkzeug", "2.3.8", uploaded="2023-11-08")
BAD = package("werkzeug", "3.0.1", uploaded="2023-10-24")


def pins(packages: list[Package]) -> list[str]:
    """Return what identifies each package."""
    return [one.pin for one in packages]


def test_upgraded() -> None:
    """Only what both have, and the new end in a higher version, was upgraded."""
    old = environment(package("a", "1.9"), package("b", "2"), package("c", "1"))
    new = environment(package("a", "1.10"), package("b", "1"), package("d", "1"))

    assert upgraded(old, new) == ["a"]


def test_releases(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest release below a bound is asked for until there is none."""
    asked = []

    def resolve(requirements: list[str], python: str, *options: str) -> str:
        asked.extend([*requirements, python, *options])
        if "<3.0.0" in requirements[0]:
            raise NotInstallable("no version")
        return '[[packages]]\nname = "werkzeug"\nversion = "3.0.0"\n'

    monkeypatch.setattr(module, "resolve", resolve)

    found = releases(GOOD, BAD, "python3.11")

    assert pins(found) == ["werkzeug===3.0.0", BAD.pin]
    first = ["werkzeug>=2.3.8,!=2.3.8,<3.0.1", "python3.11", "--no-deps"]
    assert asked[:3] == first


def test_merged() -> None:
    """The order is that of the uploads, but that of the versions within a package."""
    older = package("a", "1.9", uploaded="2024-11-01")
    newer = package("a", "2.0", uploaded="2024-07-01")
    other = package("b", "1.0", uploaded="2024-08-01")
    unknown = Package("c", "1", "c==1")
    last = package("c", "2", uploaded=f"{datetime.now(UTC):%Y-%m-%d}")

    found = merged([[older, newer], [other], [unknown, last]])

    assert pins(found) == ["c==1", "b==1.0", "a==1.9", "a==2.0", "c==2"]
