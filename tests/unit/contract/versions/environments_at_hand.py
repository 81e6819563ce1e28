"""Environments that only say which packages they have."""

from datetime import UTC, datetime
from pathlib import Path

from tests.contract.versions.environments import Environment, Package


def package(
    name: str, version: str, *requires: str, uploaded: str = "2024-01-01"
) -> Package:
    """Return a package."""
    day = datetime.fromisoformat(uploaded).replace(tzinfo=UTC)
    return Package(name, version, f"{name}=={version}", requires, uploaded=day)


def environment(*packages: Package, python: str = "3.11.7") -> Environment:
    """Return an environment with packages."""
    return Environment(
        Path("/nowhere"), f"python{python}", python, {one.name: one for one in packages}
    )
